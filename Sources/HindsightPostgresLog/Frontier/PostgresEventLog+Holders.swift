public import HindsightLog
import HindsightPostgres

extension PostgresEventLog {
    /// The transactions with a floor lock below the last position that was drawn.
    public func frontierHolders() async throws -> [HoldingTransaction]? {
        let description = try await describe()
        return try await pool.withSession { [names] session in
            // In the order of ``FrontierBound``: what was drawn before the locks are looked at.
            let answers = try session.pipeline([
                "select coalesce(pg_sequence_last_value(\(names.positions.quoted)::text::regclass), 0)",
                Self.holders(description),
            ])
            let last = try answers[0][0].decode(0, as: Int64.self)
            let found = try answers[1].map { row in
                let low = UInt32(truncatingIfNeeded: try row.decode(0, as: Int64.self))
                return (floor: FrontierBound.floor(lowHalf: low, near: last), holder: try HoldingTransaction(row))
            }
            return found.filter { $0.floor < last }.sorted { $0.floor < $1.floor }.map(\.holder)
        }
    }

    /// The floor locks and who has them.
    ///
    /// A prepared transaction has no process. Its locks have a `virtualtransaction` that is its own: until a restart that of the
    /// session which prepared it, afterwards `-1/xid`; either way its lock on its own transaction id has the same one.
    private static func holders(_ description: LogDescription) -> SQL {
        """
        select l.objid::bigint, p.gid, p.owner::text,
            extract(epoch from clock_timestamp() - p.prepared)::double precision, \(sql: SessionActivity.columns)
        from pg_locks l
        left join pg_stat_activity a on a.pid = l.pid
        left join pg_locks t on l.pid is null and t.pid is null and t.locktype = 'transactionid' and t.mode = 'ExclusiveLock'
            and t.virtualtransaction = l.virtualtransaction
        left join pg_prepared_xacts p on p.transaction = t.transactionid
        where l.locktype = 'advisory' and l.database = \(description.database)::bigint::oid
            and l.classid = \(Int64(description.lockClass))::bigint::oid and l.objsubid = 2
        """
    }
}

extension HoldingTransaction {
    /// Reads a row of the floor locks.
    fileprivate init(_ row: PostgresRow) throws {
        let activity = try SessionActivity(row, from: 4)
        self.init(
            processID: activity.processID, preparedName: try row.decode(1),
            role: try row.decode(2) ?? activity.role, application: activity.application, state: activity.state,
            query: activity.query, seconds: try row.decode(3) ?? activity.seconds, isHidden: activity.isHidden)
    }
}
