import Hindsight

/// What each order comes to.
struct OrderSummary: ViewRow {
    var orderID = ""
    var customer = ""
    var country = ""
    var lines = 0
    var quantity = 0
    var total: ExactDecimal = 0
    var firstAt = Timestamp(microsecondsSince1970: 0)
    var lastAt = Timestamp(microsecondsSince1970: 0)

    static let table = ViewTable(
        "order_summary", of: Self(), key: \.orderID, \.customer, \.country, \.lines, \.quantity, \.total, \.firstAt,
        \.lastAt
    ).index(\.customer)

    static let projection = ViewProjection(Self.self, version: 1, lookingAt: [.stream, .occurredAt])
        .on(OrderLinePlaced.self, fold: add)
        .on(OrderLineCancelled.self, fold: add)
        .on(AdjustmentMade.self, fold: add)

    static func add(_ order: inout Self, _ line: some OrderLine, _ context: RecordedEvent) throws {
        if order.lines == 0 {
            (order.customer, order.country) = (line.customer ?? "", line.country)
            order.firstAt = context.occurredAt
        }
        order.lines += 1
        order.quantity = try order.quantity.adding(line.quantity)
        order.total += line.amount
        order.lastAt = context.occurredAt
    }
}
