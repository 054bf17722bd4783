import Hindsight
import HindsightPostgres

/// What came in and went out, by the last digit of the account: two key columns, and columns that may be null.
struct Turnover: ViewRow, Hashable {
    typealias Key = ViewKeyPair<String, Int>

    var kind = ""
    var digit = 0
    var events = 0
    var amount = 0
    /// The largest amount above 50.
    var largest: Int?
    var lastRequest: String?

    static let kind = Column<Self, String>("kind", get: { $0.kind }, set: { $0.kind = $1 })
    static let digit = Column<Self, Int>("digit", get: { $0.digit }, set: { $0.digit = $1 })
    static let events = Column<Self, Int>("events", get: { $0.events }, set: { $0.events = $1 })
    static let amount = Column<Self, Int>("amount", get: { $0.amount }, set: { $0.amount = $1 })
    static let largest = Column<Self, Int?>("largest", get: { $0.largest }, set: { $0.largest = $1 })
    static let lastRequest = Column<Self, String?>(
        "last_request", get: { $0.lastRequest }, set: { $0.lastRequest = $1 })

    static let table = ViewTable(
        name: "turnover", key: kind, digit, columns: [events, amount, largest, lastRequest],
        indexes: [ViewIndex(amount, digit)])

    static func projection(version: Int = 1) -> ViewProjection<Turnover> {
        ViewProjection(Turnover.self, version: version)
            .on(Bank.Deposited.self, key: key) { row, event, context in add(event.amount, to: &row, context) }
            .on(Bank.Withdrawn.self, key: key) { row, event, context in add(event.amount, to: &row, context) }
    }

    private static func key(_ event: some Event, _ context: RecordedEvent) -> Key {
        ViewKeyPair(context.type, (Int(context.stream.id) ?? 0) % 10)
    }

    private static func add(_ amount: Int, to row: inout Turnover?, _ context: RecordedEvent) {
        let key = (Int(context.stream.id) ?? 0) % 10
        var turnover = row ?? Turnover(kind: context.type, digit: key)
        turnover.events += 1
        turnover.amount += amount
        if amount > 50 { turnover.largest = max(turnover.largest ?? 0, amount) }
        turnover.lastRequest = context.correlationID
        row = turnover
    }

    static let recount = """
        select e.type as kind, substr(e.stream, 9)::bigint % 10 as digit, count(*) as events,
            sum((e.data ->> 'amount')::bigint)::bigint as amount,
            max((e.data ->> 'amount')::bigint) filter (where (e.data ->> 'amount')::bigint > 50) as largest,
            (array_agg(e.correlation_id order by e.position desc))[1] as last_request
        from hindsight.events e where e.type in ('Deposited', 'Withdrawn')
        group by 1, 2
        """
}
