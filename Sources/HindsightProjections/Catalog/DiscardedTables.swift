import HindsightPostgres
import HindsightValues
import Logging

/// Drops tables that rebuilds have replaced, once no reader uses them any more.
struct DiscardedTables: Sendable {
    let names: SchemaNames

    private var table: PostgresIdentifier { names.discardedTables }

    /// Notes that a table is no longer wanted.
    func add(_ name: String, in session: inout PostgresSession) throws {
        try session.execute(
            "insert into \(identifier: table) (name) values (\(name)) on conflict do nothing")
    }

    /// Drops the tables that can be dropped without making anyone wait.
    ///
    /// - Parameter age: how many seconds ago a table must have been discarded, so that a process still working on it
    ///   has noticed.
    func sweep(olderThan age: Double, in session: inout PostgresSession) throws {
        let found = try session.query(
            """
            select name from \(identifier: table) where discarded_at < clock_timestamp() - make_interval(secs => \(age))
            """
        ).map { try $0.decode(0, as: String.self) }
        for name in found {
            do {
                try session.execute("begin isolation level read committed")
                try session.execute("set local lock_timeout = '20ms'")
                // If a server crash loses this, it is simply done again.
                try session.execute(.unflushed)
                // Only the process that removes the note drops the table: another table may have been created under its
                // name since.
                if try session.execute("delete from \(identifier: table) where name = \(name)") == 1 {
                    try session.execute("drop table if exists \(identifier: names.object(name))")
                }
                try session.execute("commit")
            } catch {
                if session.isInTransaction { try session.execute("rollback") }
                // Someone is reading it (55P03), or a view depends on it (2BP01): try again later.
                guard error.sqlState == "55P03" || error.sqlState == "2BP01" || error.isPassing else { throw error }
            }
        }
    }
}
