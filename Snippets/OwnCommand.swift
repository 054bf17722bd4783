// An app with a command of its own: `swift run OwnCommand place --help`.
// Documentation shows parts of this file word for word; DocumentationTests compares them.

import ArgumentParser
import HindsightCommand

struct OrderPlaced: Event {
    var sku: String
    var price: ExactDecimal
}

struct Order: ViewRow {
    var id = ""
    var sku = ""
    var price: ExactDecimal = 0

    static let table = ViewTable("orders", of: Self(), key: \.id, \.sku, \.price)

    static let projection = ViewProjection(Self.self, version: 1)
        .on(OrderPlaced.self) { order, placed, _ in
            order.sku = placed.sku
            order.price = placed.price
        }
}

struct Place: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Place an order.")

    @Argument(help: "The order's number.") var order: String
    @Option(help: "The product.") var sku: String
    @Option(help: "The price.", transform: price) var price: ExactDecimal
    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await Orders.withRuntime(options) { runtime in
            let placed = try runtime.registry.encode(OrderPlaced(sku: sku, price: price))
            let stream = StreamName(category: "order", id: order)
            let result = try await runtime.log.append(placed, to: stream, expected: .noStream)
            try runtime.output.result(
                ["order": OutputValue(order), "position": OutputValue(result.position)],
                text: "order \(order) is placed")
        }
    }

    private static func price(_ text: String) throws -> ExactDecimal {
        guard let price = ExactDecimal(text) else { throw ValidationError("\"\(text)\" is not a price") }
        return price
    }
}

@main
struct Orders: HindsightApplication {
    static let name = "orders"
    static let projections: [any Projection] = [Order.projection]
    static let subcommands: [any ParsableCommand.Type] = [Place.self]
}
