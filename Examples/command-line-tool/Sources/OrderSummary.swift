import Hindsight

/// What each order comes to.
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
