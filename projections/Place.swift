import ArgumentParser
import HindsightCommand
import HindsightEventCentre
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Places an order through the event centre, from a process that has no database.
struct Place: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Place an order through the event centre, which `serve` runs.",
        discussion: """
            It goes on until there is a receipt: when one is missing, it asks how far the order is. An order that is placed again with the same \
            --id gets the same receipt. The status is 1 if the order is refused.
            """)

    @Argument(help: "The order's number, which nobody else has.")
    var order: String

    @Option(help: "SKU:QUANTITY:PRICE; may be given several times.", transform: line)
    var line: [PlaceOrder.Line]

    @Option(help: "The country that it goes to.")
    var country: String

    @Option(help: "The customer. Defaults to a guest.")
    var customer: String?

    @Option(help: "The command's id, a UUID. Defaults to a new one.", transform: id)
    var id: UUID?

    @OptionGroup var centre: CentreOptions
    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        let command = PlaceOrder(order: order, customer: customer, country: country, lines: line)
        try await centre.submit(command, to: Shop.self, id: id ?? .version7(), options: options) { receipt, output in
            guard let result = receipt.result else {
                throw CommandError("order \(order) is not placed: \(receipt.reason ?? receipt.status.rawValue)")
            }
            try output.result(
                [
                    "order": OutputValue(order), "command": OutputValue(receipt.command),
                    "position": OutputValue(result.position), "version": OutputValue(result.version),
                ],
                text: "order \(order) is placed: its last line is at position \(result.position)")
        }
    }

    @Sendable private static func line(_ text: String) throws -> PlaceOrder.Line {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let quantity = Int(parts[1]), let price = ExactDecimal(parts[2]) else {
            throw ValidationError("\"\(text)\" is not SKU:QUANTITY:PRICE, such as 20001:2:4.95")
        }
        return PlaceOrder.Line(sku: parts[0], quantity: quantity, unitPrice: price)
    }

    @Sendable private static func id(_ text: String) throws -> UUID {
        guard let id = UUID(uuidString: text) else { throw ValidationError("\"\(text)\" is not a UUID") }
        return id
    }
}
