import HindsightLog
import HindsightPostgres
import HindsightValues

/// The state of a shard in the offset store.
struct ShardState: Hashable, Sendable {
    /// The offset up to which events are applied.
    let offset: Offset
    /// How many events were applied.
    let applied: Int64
    /// The checksum of the events that were applied.
    let sums: LogChecksum
    /// False if a program of the previous release, which does not keep this checksum, has moved the offset.
    let isCounted: Bool
    /// The fencing token of the lease.
    let epoch: Int64
    /// Grows with each renewal of the lease.
    let renewals: Int64
    /// The process that has the lease; nil while nobody has it, or if its owner is gone or has not renewed it in time.
    let owner: String?
    /// The position at which it stopped.
    let stoppedAt: Int64?
    /// Why it stopped.
    let error: String?
    /// How many processes in a row have died while they folded what they had noted.
    let crashes: Int
    /// The positions that the last of those processes had noted.
    let suspect: ClosedRange<Int64>?
    /// The recent rate in events per second.
    let eventsPerSecond: Double
    /// The maximum number of events in its next batch, after one that did not end; nil if it has no limit of its own.
    let batchLimit: Int?

    /// The columns of a row of `offsets` that ``init(_:from:)`` reads.
    ///
    /// - Parameters:
    ///   - row: the row's name in the statement.
    ///   - isHeld: the function that tells whether the lease is held.
    static func columns(of row: SQL, isHeld: PostgresIdentifier) -> SQL {
        """
        (\(sql: row)).position, (\(sql: row)).anchor, (\(sql: row)).applied, (\(sql: row)).position_sum, \
        (\(sql: row)).position_mix, (\(sql: row)).summed_through = (\(sql: row)).position, (\(sql: row)).epoch, \
        (\(sql: row)).renewals, case when \(identifier: isHeld)(\(sql: row)) then (\(sql: row)).owner end, \
        (\(sql: row)).stopped_at, (\(sql: row)).error, (\(sql: row)).crashes, (\(sql: row)).suspect_low, \
        (\(sql: row)).suspect_high, (\(sql: row)).events_per_second, (\(sql: row)).batch_limit
        """
    }

    /// Reads ``columns(of:isHeld:)``.
    ///
    /// - Parameter first: the index of the first of them.
    init(_ row: PostgresRow, from first: Int = 0) throws {
        offset = Offset(position: try row.decode(first), anchor: try row.decode(first + 1))
        applied = try row.decode(first + 2)
        var sum = LogChecksum()
        sum.count = applied
        sum.positionSum = try Self.integer(row.decode(first + 3))
        sum.positionMix = try row.decode(first + 4)
        sums = sum
        isCounted = try row.decode(first + 5)
        epoch = try row.decode(first + 6)
        renewals = try row.decode(first + 7)
        owner = try row.decode(first + 8)
        stoppedAt = try row.decode(first + 9)
        error = try row.decode(first + 10)
        crashes = try row.decode(first + 11, as: Int.self)
        let low = try row.decode(first + 12, as: Int64?.self)
        let high = try row.decode(first + 13, as: Int64?.self)
        if let low, let high, low <= high { suspect = low...high } else { suspect = nil }
        eventsPerSecond = try row.decode(first + 14)
        batchLimit = try row.decode(first + 15, as: Int?.self)
    }

    static func integer(_ value: ExactDecimal) throws -> Int128 {
        guard let integer = Int128(value.description) else {
            throw ProjectionError(.tableChanged, "the sum of a shard's positions is \(value), which is no whole number")
        }
        return integer
    }

    /// The checksum of the applied events, to be compared with the log; nil if unknown.
    var checksum: LogChecksum? { isCounted ? sums : nil }

    /// The position and the reason, if it stopped; only the reason if it stopped before the first event.
    var stop: String? {
        stoppedAt.map { position in
            (position > 0 ? "at position \(position): " : "") + (error ?? "unknown")
        }
    }
}
