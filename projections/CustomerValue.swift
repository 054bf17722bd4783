import Hindsight
import HindsightPostgres
import HindsightValues

/// What each customer has bought. Lines without a customer do not count.
struct CustomerValue: ViewRow {
    typealias Key = String

    var customer = ""
    var orders = 0
    var lines = 0
    var spend: ExactDecimal = 0
    var firstAt = Timestamp(microsecondsSince1970: 0)
    var lastAt = Timestamp(microsecondsSince1970: 0)

    static let customer = Column<Self, String>("customer", get: { $0.customer }, set: { $0.customer = $1 })
    static let orders = Column<Self, Int>("orders", get: { $0.orders }, set: { $0.orders = $1 })
    static let lines = Column<Self, Int>("lines", get: { $0.lines }, set: { $0.lines = $1 })
    static let spend = Column<Self, ExactDecimal>("spend", get: { $0.spend }, set: { $0.spend = $1 })
    static let firstAt = Column<Self, Timestamp>("first_at", get: { $0.firstAt }, set: { $0.firstAt = $1 })
    static let lastAt = Column<Self, Timestamp>("last_at", get: { $0.lastAt }, set: { $0.lastAt = $1 })

    static let table = ViewTable(
        name: "customer_value", key: customer, columns: [orders, lines, spend, firstAt, lastAt],
        indexes: [ViewIndex(spend)])

    static let projection = ViewProjection(Self.self, version: 1, lookingAt: [.stream, .occurredAt])
        .on(OrderLinePlaced.self, key: customer, fold: add)
        .on(OrderLineCancelled.self, key: customer, fold: add)
        .on(AdjustmentMade.self, key: customer, fold: add)

    private static func customer(_ line: some OrderLine, _ context: RecordedEvent) -> String? {
        guard let customer = line.customer, !customer.isEmpty else { return nil }
        return customer
    }

    private static func add(_ row: inout CustomerValue?, _ line: some OrderLine, _ context: RecordedEvent) {
        guard let customer = line.customer else { return }
        var value = row ?? CustomerValue(customer: customer, firstAt: context.occurredAt)
        // An order belongs to one customer, so its first line counts it.
        if context.version == 0 { value.orders += 1 }
        value.lines += 1
        value.spend += line.amount
        value.lastAt = context.occurredAt
        row = value
    }
}
