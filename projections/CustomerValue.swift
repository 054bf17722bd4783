import Hindsight

/// What each customer has bought. Lines without a customer do not count.
struct CustomerValue: ViewRow {
    var customer = ""
    var orders = 0
    var lines = 0
    var spend: ExactDecimal = 0
    var firstAt = Timestamp(microsecondsSince1970: 0)
    var lastAt = Timestamp(microsecondsSince1970: 0)

    static let table = ViewTable(
        "customer_value", of: Self(), key: \.customer, \.orders, \.lines, \.spend, \.firstAt, \.lastAt
    ).index(\.spend)

    static let projection = ViewProjection(Self.self, version: 1, lookingAt: [.stream, .occurredAt])
        .on(
            OrderLinePlaced.self, OrderLineCancelled.self, AdjustmentMade.self, as: (any OrderLine).self,
            key: { line, _ in line.customer.flatMap { $0.isEmpty ? nil : $0 } }
        ) { customer, line, context in
            if customer.lines == 0 { customer.firstAt = context.occurredAt }
            // An order belongs to one customer, so its first line counts it.
            if context.version == 0 { customer.orders += 1 }
            customer.lines += 1
            customer.spend += line.amount
            customer.lastAt = context.occurredAt
        }
}
