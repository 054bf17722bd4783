import Hindsight
import HindsightPostgres

/// Each event in a row of its own, written by a projection with statements of its own: an event that was applied twice is refused by
/// the table.
enum Journal {
    static func projection(_ moments: Moments) -> SQLProjection {
        SQLProjection(
            "journal", version: 1,
            setUp: ["create table journal (position bigint primary key, stream text not null, amount bigint not null)"],
            clear: ["truncate journal"]
        )
        .on(Bumped.self) { session, event, context in
            try session.execute(
                "insert into journal values (\(context.position), \(context.stream.rawValue), \(event.amount))")
            moments.linger(in: .statements)
        }
    }

    static let recount = """
        select e.position, e.stream, (e.data ->> 'amount')::bigint as amount
        from hindsight.events e where e.type = 'Bumped'
        """
}
