// The app of the article "Getting started", complete: `swift run GettingStarted --help`.
// Documentation shows parts of this file word for word; DocumentationTests compares them.

import HindsightCommand

struct OrderLinePlaced: Event {
    var sku: String
    var quantity: Int
    var unitPrice: ExactDecimal
}

struct OrderSummary: ViewRow {
    var orderID = ""
    var lines = 0
    var total: ExactDecimal = 0

    static let table = ViewTable("order_summary", of: Self(), key: \.orderID, \.lines, \.total)

    static let projection = ViewProjection(Self.self, version: 1)
        .on(OrderLinePlaced.self) { order, line, _ in
            order.lines += 1
            order.total += line.unitPrice * line.quantity
        }
}

@main
struct Orders: HindsightApplication {
    static let name = "orders"
    static let projections: [any Projection] = [OrderSummary.projection]
}
