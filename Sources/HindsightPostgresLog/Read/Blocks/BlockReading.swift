import HindsightLog
import HindsightPostgres

/// Reads the events of a range of positions from the blocks of the table in which they stand.
///
/// Events stand nearly in the order of their positions, but only nearly: concurrent appends fill different blocks, and
/// a small event may still find room in an old one. So the blocks from the range's first event to its last, and some
/// beyond, are read without an index; what belongs to other ranges is dropped, and the rest is put in order. No event of
/// the range may be missing, whatever has moved them: positions that were not found are looked up one by one if they
/// are few, and otherwise the log counts what it has.
struct BlockReading {
    /// How many positions are looked up one by one.
    private static let mostLookUps: Int64 = 1_024

    let names: SchemaNames
    let low: Int64
    let high: Int64
    /// How many blocks to read beyond those of the first and the last event.
    let margin: Int64
    let maximumBytes: Int

    /// - Parameter columns: the position first.
    func copy(
        _ columns: SQL, into scan: RawEventBuffer, in session: inout PostgresSession
    ) throws -> BlockOutcome {
        scan.begin()
        let ends = try session.pipeline([.preferIndexes, endsQuery])[1][0]
        guard let first = try ends.decode(0, as: String?.self), let last = try ends.decode(1, as: String?.self) else {
            return BlockOutcome(isComplete: true)
        }
        guard let blocks = BlockRange(from: first, to: last, margin: margin), blocks.isPlausible(for: high - low) else {
            return BlockOutcome(isComplete: false)
        }
        var sieve = PositionSieve(low: low, high: high)
        do {
            try copy(columns, where: blocks.condition, through: &sieve, into: scan, in: &session)
            let isComplete: Bool
            if let missing = sieve.missing(atMost: min((high - low) / 32, Self.mostLookUps)) {
                let list = "{\(missing.map(String.init).joined(separator: ","))}"
                let condition: SQL = "e.position = any(\(literal: list)::bigint[])"
                if !missing.isEmpty { try copy(columns, where: condition, through: &sieve, into: scan, in: &session) }
                isComplete = true
            } else {
                isComplete = try Int64(scan.count) == eventCount(in: &session)
            }
            if !sieve.isOrdered { scan.order(by: ScannedColumns.position) }
            return BlockOutcome(isComplete: isComplete, kept: scan.count, dropped: sieve.dropped)
        } catch is ScanIsFull {
            return BlockOutcome(isComplete: false)
        }
    }

    private func copy(
        _ columns: SQL, where condition: SQL, through sieve: inout PositionSieve, into scan: RawEventBuffer,
        in session: inout PostgresSession
    ) throws {
        let select: SQL = "select \(sql: columns) from \(identifier: names.events) e where \(sql: condition)"
        try session.copyOut("copy (\(sql: select)) to stdout (format binary)") { tuple in
            guard sieve.takes(ScannedColumns.position(tuple)) else { return }
            // The order of the blocks does not tell where to go on after a part of them.
            if scan.byteCount + tuple.count > maximumBytes { throw ScanIsFull() }
            scan.append(tuple)
        }
    }

    private var endsQuery: SQL {
        """
        select (
                select e.ctid::text from \(identifier: names.events) e
                where e.position > \(low) and e.position <= \(high) order by e.position limit 1),
            (
                select e.ctid::text from \(identifier: names.events) e
                where e.position > \(low) and e.position <= \(high) order by e.position desc limit 1)
        """
    }

    /// Many positions have no event. The primary key counts the others.
    private func eventCount(in session: inout PostgresSession) throws -> Int64 {
        try session.pipeline([
            .preferIndexes,
            "select count(*) from \(identifier: names.events) where position > \(low) and position <= \(high)",
        ])[1][0].decode(0)
    }
}
