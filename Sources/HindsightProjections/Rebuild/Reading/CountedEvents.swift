import HindsightLog
import HindsightPostgres
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the log holds up to a place, by type, as it was counted before.
struct CountedEvents: Sendable {
    let offset: Offset
    let sums: [String: LogChecksum]
}

/// Keeps it for the next proof.
struct CountedEventsStore: Sendable {
    let names: SchemaNames
    let log: UUID

    private var table: PostgresIdentifier { names.object("counted_events") }

    /// What was counted for all of these types up to one place; nil if that is nothing.
    ///
    /// A role that was granted to read before there was this table may not read it, and counts from the beginning.
    func read(_ types: Set<String>, in session: inout PostgresSession) throws -> CountedEvents? {
        let rows: PostgresResult
        do {
            rows = try session.query(
                """
                select type, position, anchor, events, position_sum, position_mix from \(identifier: table)
                where log = \(log) and type = any (\(types.sorted()))
                """)
        } catch let error where error.sqlState == "42501" {
            return nil
        }
        guard rows.count == types.count, let first = rows.first else { return nil }
        let offset = Offset(position: try first.decode(1), anchor: try first.decode(2, as: UUID.self))
        var sums: [String: LogChecksum] = [:]
        for row in rows {
            // Counted at different times, for different projections.
            guard try row.decode(1, as: Int64.self) == offset.position else { return nil }
            var sum = LogChecksum()
            sum.count = try row.decode(3)
            sum.positionSum = try ShardState.integer(row.decode(4))
            sum.positionMix = try row.decode(5)
            sums[try row.decode(0)] = sum
        }
        return CountedEvents(offset: offset, sums: sums)
    }

    /// Keeps counts, in place of those up to a lower position. Call it within a transaction.
    ///
    /// - Throws: ``PostgresError`` with SQL state 55P03 if another process has the rows locked: it keeps counts as well, or hangs.
    func write(_ counted: CountedEvents, in session: inout PostgresSession) throws {
        guard let anchor = counted.offset.anchor else { return }
        try session.execute("set local lock_timeout = '100ms'")
        for (type, sum) in counted.sums.sorted(by: { $0.key < $1.key }) {
            try session.execute(
                """
                insert into \(identifier: table) as c (log, type, position, anchor, events, position_sum, position_mix)
                values (\(log), \(type), \(counted.offset.position), \(anchor), \(sum.count),
                    \(ExactDecimal(coefficient: sum.positionSum, scale: 0)), \(sum.positionMix))
                on conflict (log, type) do update
                set position = excluded.position, anchor = excluded.anchor, events = excluded.events,
                    position_sum = excluded.position_sum, position_mix = excluded.position_mix, counted_at = clock_timestamp()
                """)
        }
    }
}
