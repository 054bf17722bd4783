import ArgumentParser
import HindsightCommand

/// The tool's own command. `RuntimeOptions` are the options that every command has, such as `--json`.
struct Place: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Add a line to an order.")

    @Argument(help: "The order's id.")
    var order: String

    @Argument(help: "What is ordered.")
    var sku: String

    @Option(help: "How many, 1 or more.")
    var quantity = 1

    @Option(help: "The price of one, for example 2.55.", transform: decimal)
    var price: ExactDecimal

    @OptionGroup var options: RuntimeOptions

    func validate() throws {
        guard quantity >= 1 else { throw ValidationError("--quantity is 1 or more") }
    }

    func run() async throws {
        try await Orders.withRuntime(options) { runtime in
            let line = OrderLinePlaced(sku: sku, quantity: quantity, unitPrice: price)
            let result = try await runtime.log.append(
                runtime.registry.encode(line), to: StreamName(category: "order", id: order))
            let count = Int(result.version) + 1
            try runtime.output.result(
                ["order": OutputValue(order), "lines": OutputValue(count)], text: "line \(count) of order \(order)")
        }
    }

    private static func decimal(_ text: String) throws -> ExactDecimal {
        guard let value = ExactDecimal(text), value >= 0 else {
            throw ValidationError("a price is a number such as 2.55")
        }
        return value
    }
}
