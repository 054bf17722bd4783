import Hindsight
import HindsightPostgres

/// A table that is written with several keys in flight: each event in a row of its own, with its number among those of its stream.
///
/// An event that is handled twice is refused by the table. One that is handled after a later one of its stream has another number than
/// the log gives it.
struct Passbook: Sendable {
    let table: String

    /// How many keys are in flight.
    static let keysInFlight = 4

    var setUp: [String] {
        [
            """
            create table \(table) (
                position bigint primary key, stream text not null, nth bigint not null, amount bigint not null, unique (stream, nth))
            """
        ]
    }

    func enter(_ amount: Int, _ event: RecordedEvent, in session: inout PostgresSession) throws {
        let name = PostgresIdentifier(table)
        try session.execute(
            """
            insert into \(identifier: name)
            select \(event.position), \(event.stream.rawValue), coalesce(max(p.nth), 0) + 1, \(amount)
            from \(identifier: name) p where p.stream = \(event.stream.rawValue)
            """)
    }

    static let recount = """
        select e.position, e.stream, row_number() over (partition by e.stream order by e.position) as nth,
            (e.data ->> 'amount')::bigint as amount
        from hindsight.events e where e.type = 'Bumped'
        """
}
