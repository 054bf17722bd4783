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
        .on(OrderLinePlaced.self, key: customer, fold: add)
        .on(OrderLineCancelled.self, key: customer, fold: add)
        .on(AdjustmentMade.self, key: customer, fold: add)

    private static func customer(_ line: some OrderLine, _ context: RecordedEvent) -> String? {
        line.customer.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func add(_ value: inout Self, _ line: some OrderLine, _ context: RecordedEvent) {
        if value.lines == 0 { value.firstAt = context.occurredAt }
        // An order belongs to one customer, so its first line counts it.
        if context.version == 0 { value.orders += 1 }
        value.lines += 1
        value.spend += line.amount
        value.lastAt = context.occurredAt
    }
}
