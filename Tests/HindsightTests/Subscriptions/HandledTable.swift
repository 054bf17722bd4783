import Hindsight
import HindsightPostgres

/// A table that shows whether an event was handled twice, in the transaction that stores that it was.
extension SubscriptionFixture {
    static func withTable(_ body: (SubscriptionFixture) async throws -> Void) async throws {
        try await open { numbers in
            try await numbers.pool.withSession {
                try $0.script(
                    """
                    create table handled (
                        nth serial primary key, name text, position bigint, stream text, number bigint, unique (name, position))
                    """)
            }
            try await body(numbers)
        }
    }

    /// A handler that writes the event's number there.
    static func write(_ name: String) -> @Sendable (inout PostgresSession, RecordedEvent) throws -> Void {
        { session, event in
            try session.execute(
                """
                insert into handled (name, position, stream, number)
                values (\(name), \(event.position), \(event.stream.rawValue), \(try number(event)))
                """)
        }
    }

    /// The numbers that a subscription has handled, in the order in which it did.
    func handled(_ name: String) async throws -> [Int] {
        try await pool.withSession { session in
            try session.query("select number from handled where name = \(name) order by nth").map {
                try $0.decode(0, as: Int.self)
            }
        }
    }

    /// The server processes of the transactions that work on a durable name.
    func workers(of name: String) async throws -> [Int32] {
        try await pool.withSession { session in
            try session.query(
                """
                select l.pid
                from hindsight.offsets o
                cross join lateral hindsight.work_key(row(o.kind, o.name, o.version, o.partition, o.log)::hindsight.shard) k (key)
                join pg_locks l on l.locktype = 'advisory' and l.objsubid = 1
                    and l.database = (select d.oid from pg_database d where d.datname = current_database())
                    and l.classid::bigint = k.key >> 32 & 4294967295 and l.objid::bigint = k.key & 4294967295
                where o.kind = 'subscription' and o.name = \(name)
                """
            ).map { try $0.decode(0) }
        }
    }
}
