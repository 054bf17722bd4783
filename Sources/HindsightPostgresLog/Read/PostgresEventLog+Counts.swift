public import HindsightLog
import HindsightPostgres

extension PostgresEventLog {
    /// How far a reader at a position is behind, counted up to a limit.
    public func lag(
        after position: Int64, through head: Int64, filter: EventFilter, limit: Int64
    ) async throws -> LogLag {
        guard position < head else { return .none }
        return try await pool.withSession { [names] session in
            let query = RangeQuery(names: names, filter: filter, form: .bound, low: position, high: head)
            // One more than the limit tells whether there are more.
            let counted = query.seek(
                limit: Int(clamping: min(limit, .max - 1)) + 1, columns: "e.position", inner: "e.position")
            let row = try session.pipeline([
                .preferIndexes,
                """
                select count(*), coalesce((
                    select extract(epoch from clock_timestamp() - f.recorded_at)::float8 from \(identifier: names.events) f
                    where f.position = min(e.position) and isfinite(f.recorded_at)), 0)
                from (\(sql: counted)) e
                """,
            ])[1][0]
            return LogLag(found: try row.decode(0), limit: limit, seconds: max(0, try row.decode(1)))
        }
    }

    /// The number of events, and of streams.
    public func size() async throws -> LogSize {
        try await pool.withSession { [names] session in
            // Each stream has one event of version 0.
            let row = try session.query(
                "select count(*), count(*) filter (where version = 0) from \(identifier: names.events)")[0]
            return LogSize(events: try row.decode(0), streams: try row.decode(1))
        }
    }

    /// The checksums of the events of each of these types above a position and up to another one.
    public func proof(after position: Int64, through end: Int64, types: [String]) async throws -> LogProof {
        guard position < end else { return .counted([:]) }
        return try await pool.withSession { [names] session in
            var sums: [String: LogChecksum] = [:]
            let rows = try session.pipeline([
                // A caller with much to count asks for parts of it at once, which costs less than starting worker
                // processes.
                "select set_config('max_parallel_workers_per_gather', '0', true)",
                """
                select type, count(*), sum(position)::text, bit_xor(position % \(LogChecksum.modulus) * \(LogChecksum.factor))
                from \(identifier: names.events)
                where position > \(position) and position <= \(end) and type = any(\(types)) group by type
                """,
            ])[1]
            for row in rows {
                var sum = LogChecksum()
                sum.count = try row.decode(1)
                sum.positionSum = Int128(try row.decode(2, as: String.self)) ?? 0
                sum.positionMix = try row.decode(3)
                sums[try row.decode(0)] = sum
            }
            return .counted(sums)
        }
    }
}
