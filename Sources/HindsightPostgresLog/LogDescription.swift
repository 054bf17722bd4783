import HindsightLog
import HindsightPostgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What is fixed for the life of a log: its identity and the keys of its advisory locks.
struct LogDescription: Sendable {
    let identity: UUID
    /// The first key of the log's floor locks.
    let lockClass: Int32
    /// The database of the locks, as `pg_locks` names it.
    let database: Int64

    init(_ names: SchemaNames, in session: inout PostgresSession) throws {
        let rows: PostgresResult
        do {
            rows = try session.query(
                """
                select (select id from \(identifier: names.logIdentity)), \(identifier: names.logClass)(),
                    (select oid::bigint from pg_database where datname = current_database()),
                    coalesce(pg_sequence_last_value(\(names.positions.quoted)::text::regclass), 0)
                        >= coalesce((select max(position) from \(identifier: names.events)), 0)
                """)
        } catch let error as PostgresError where ["42P01", "3F000", "42883"].contains(error.sqlState) {
            throw EventLogError(
                .unusableLog, "there is no log in schema \"\(names.schema)\" yet: run `database migrate`")
        }
        guard let row = rows.first, let identity = try row.decode(0, as: UUID?.self) else {
            throw EventLogError(.unusableLog, "the log in schema \"\(names.schema)\" has no identity")
        }
        guard try row.decode(3, as: Bool.self) else {
            throw EventLogError(
                .unusableLog,
                "the sequence of the log in schema \"\(names.schema)\" stands behind its events, so new events would not be "
                    + "seen: restore it with setval(…, (select max(position) …))")
        }
        self.identity = identity
        lockClass = try row.decode(1)
        database = try row.decode(2)
    }
}
