import Hindsight
import HindsightPostgres

/// What came in and went out, by the last digit of the account: two key columns, and columns that may be null.
struct Turnover: ViewRow, Hashable {

    var kind = ""
    var digit = 0
    var events = 0
    var amount = 0
    /// The largest amount above 50.
    var largest: Int?
    var lastRequest: String?

    static let table = ViewTable(
        "turnover", of: Self(), key: (\.kind, \.digit), \.events, \.amount, \.largest, \.lastRequest
    ).index(\.amount, \.digit)

    static func projection(version: Int = 1) -> ViewProjection<Turnover> {
        ViewProjection(Turnover.self, version: version)
            .onOptional(Bank.Deposited.self, key: key) { row, event, context in add(event.amount, to: &row, context) }
            .onOptional(Bank.Withdrawn.self, key: key) { row, event, context in add(event.amount, to: &row, context) }
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
