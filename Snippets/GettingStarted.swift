// The app of the article "Getting started", complete: `swift run GettingStarted --help`.
// Documentation shows parts of this file word for word; DocumentationTests compares them.

import Hindsight
import HindsightCommand
import HindsightPostgres
import HindsightValues

struct OrderLinePlaced: Event {
    var sku: String
    var quantity: Int
    var unitPrice: ExactDecimal
}

struct OrderSummary: ViewRow {
    typealias Key = String
    var orderID = ""
    var lines = 0
    var total: ExactDecimal = 0

    static let orderID = Column<Self, String>("order_id", get: { $0.orderID }, set: { $0.orderID = $1 })
    static let lines = Column<Self, Int>("lines", get: { $0.lines }, set: { $0.lines = $1 })
    static let total = Column<Self, ExactDecimal>("total", get: { $0.total }, set: { $0.total = $1 })
    static let table = ViewTable(name: "order_summary", key: orderID, columns: [lines, total])

    static let projection = ViewProjection(Self.self, version: 1)
        .on(OrderLinePlaced.self, key: { _, context in context.stream.id }) { row, line, context in
            var order = row ?? OrderSummary(orderID: context.stream.id)
            order.lines += 1
            order.total += line.unitPrice * line.quantity
            row = order
        }
}

@main
struct Orders: HindsightApplication {
    static let name = "orders"

    static let events = {
        var events = EventRegistry()
        events.register(OrderLinePlaced.self)
        return events
    }()

    static let projections: [any Projection] = [OrderSummary.projection]
}
