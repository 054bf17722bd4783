public import HindsightLog
import HindsightPostgres
import Synchronization

extension PostgresEventLog {
    /// Reads the wanted events above a position and up to another one, with only the requested fields.
    ///
    /// If all are wanted, they are read from the table's blocks; an index that is walked costs nearly twice as much.
    public func read(
        after position: Int64, through end: Int64, filter: EventFilter, fields: EventFields, maximumBytes: Int,
        into scan: RawEventBuffer
    ) async throws {
        let columns = ScannedColumns(fields, usual: scan.usual)
        let margin = filter == .all ? blockMargin.withLock { $0.next(positions: end - position) } : nil
        let blocks = margin.map {
            BlockReading(names: names, low: position, high: end, margin: $0, maximumBytes: maximumBytes)
        }
        let query = RangeQuery(names: names, filter: filter, form: .literal, low: position, high: end)
        let reading = try await pool.withSession { session in
            if let found = try blocks?.copy(columns.list, into: scan, in: &session), found.isComplete {
                return RangeReading(blocks: found, isCut: false)
            }
            let isCut = try Self.copy(query, columns, maximumBytes: maximumBytes, into: scan, in: &session)
            return RangeReading(blocks: blocks.map { _ in BlockOutcome(isComplete: false) }, isCut: isCut)
        }
        if let outcome = reading.blocks { blockMargin.withLock { $0.note(outcome) } }
        // Off the connection's thread, so that the next range can be read in the meantime.
        columns.finish(scan, through: reading.isCut ? nil : end)
    }

    /// Reads by an index.
    ///
    /// - Returns: true if the range has more events than were taken in.
    private static func copy(
        _ query: RangeQuery, _ columns: ScannedColumns, maximumBytes: Int, into scan: RawEventBuffer,
        in session: inout PostgresSession
    ) throws -> Bool {
        // If few types are wanted, the index finds their events; all others are skipped unseen.
        let select =
            query.filter == .all
            ? query.scan(limit: .max, columns: columns.list) : query.seek(limit: .max, columns: columns.list)
        scan.begin()
        do {
            try session.copyOut("copy (\(sql: select)) to stdout (format binary)") { tuple in
                // A single event may exceed the limit for all.
                if scan.byteCount > 0, scan.byteCount + tuple.count > maximumBytes { throw ScanIsFull() }
                scan.append(tuple)
            }
        } catch is ScanIsFull {
            return true
        }
        return false
    }
}

/// How a range was read.
private struct RangeReading: Sendable {
    /// What came of reading blocks; nil if that was not tried.
    var blocks: BlockOutcome?
    /// True if the range has more events than were taken in.
    var isCut: Bool
}

/// Ends a copy early.
struct ScanIsFull: Error {}
