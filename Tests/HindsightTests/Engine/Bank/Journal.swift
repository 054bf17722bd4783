import Hindsight
import HindsightPostgres

/// Every deposit, written by a projection with statements of its own.
enum Journal {
    static func projection(
        version: Int = 1,
        after hook: @escaping @Sendable (inout PostgresSession, Bank.Deposited, RecordedEvent) throws -> Void = {
            _, _, _ in
        }
    ) -> SQLProjection {
        SQLProjection(
            "journal", version: version,
            setUp: [
                "create table journal (position bigint primary key, account text not null, amount bigint not null)"
            ],
            clear: ["truncate journal"]
        )
        .on(Bank.Deposited.self) { session, event, context in
            try session.execute(
                "insert into journal values (\(context.position), \(context.stream.id), \(event.amount))")
            try hook(&session, event, context)
        }
    }

    static func recount(through position: Int64 = .max) -> String {
        """
        select e.position, substr(e.stream, 9) as account, (e.data ->> 'amount')::bigint as amount
        from hindsight.events e where e.type = 'Deposited' and e.position <= \(position)
        """
    }
}
