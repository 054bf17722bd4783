public import HindsightLog
import HindsightPostgres
public import HindsightValues
import Synchronization

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension PostgresEventLog {
    /// Reads a stream from a version on, forward or backward, the version included.
    public func readStream(
        _ stream: StreamName, from version: Int64? = nil, backward: Bool = false, limit: Int = .max
    ) async throws -> [RecordedEvent] {
        let order: SQL = backward ? "desc" : "asc"
        let start: SQL =
            switch version {
            case nil: ""
            case .some(let version) where backward: "and e.version <= \(version)"
            case .some(let version): "and e.version >= \(version)"
            }
        return try await pool.withSession { [names] session in
            var columns = EventColumns()
            return try session.query(
                """
                select \(sql: EventColumns.list) from \(identifier: names.events) e
                where e.stream = \(stream.rawValue) \(sql: start) order by e.version \(sql: order) limit \(Int64(clamping: limit))
                """
            ).map { try columns.event($0) }
        }
    }

    /// The events that have these ids, in the order of their positions, as far as they are stored.
    public func events(withIDs ids: [UUID]) async throws -> [RecordedEvent] {
        try await pool.withSession { [names] session in
            var columns = EventColumns()
            return try session.query(
                """
                select \(sql: EventColumns.list) from \(identifier: names.events) e where e.id = any(\(ids)) order by e.position
                """
            ).map { try columns.event($0) }
        }
    }

    /// Reads the log after an offset, up to a frontier that is known already, or the one that is found now.
    public func read(
        after offset: Offset, through known: Offset?, filter: EventFilter, limit: Int
    ) async throws -> EventBatch {
        let description = try await describe()
        let (densities, isHeld) = (densities.withLock { $0 }, isHeld.load(ordering: .relaxed))
        let (batch, span) = try await pool.withSession { [names] session in
            let reader = BatchReader(
                names: names, description: description, densities: densities, isHeld: isHeld)
            return try reader.read(after: offset, through: known, filter: filter, limit: limit, in: &session)
        }
        if known == nil { self.isHeld.store(batch.isHeld, ordering: .relaxed) }
        self.densities.withLock { $0.note(batch.events.count, over: span, for: filter) }
        return batch
    }

    /// Reads at most `limit` events of the log backward from a position, the position included; nil for the frontier.
    public func readBackward(
        from position: Int64? = nil, filter: EventFilter = .all, limit: Int
    ) async throws -> [RecordedEvent] {
        let description = try await describe()
        return try await pool.withSession { [names] session in
            let bound = try FrontierBound.read(names, description, in: &session)
            let highest = min(position ?? .max, bound.position)
            let query = RangeQuery(names: names, filter: filter, form: .bound, low: 0, high: highest)
            var columns = EventColumns()
            return try session.query(query.seek(limit: limit, backward: true)).map { try columns.event($0) }
        }
    }

    /// The highest visible position below which nothing can still appear.
    public func frontier() async throws -> Offset {
        let description = try await describe()
        return try await pool.withSession { [names] session in
            let bound = try FrontierBound.read(names, description, in: &session)
            return try Offset.highest(through: bound.position, names, in: &session)
        }
    }

    /// The place right before a position: that of the highest visible event below it, never past the frontier.
    public func offset(before position: Int64) async throws -> Offset {
        let description = try await describe()
        return try await pool.withSession { [names] session in
            let bound = try FrontierBound.read(names, description, in: &session)
            return try Offset.highest(through: min(bound.position, max(position, 1) - 1), names, in: &session)
        }
    }

    /// The place after which the events are that were recorded at or after a time.
    ///
    /// Recorded times grow with positions but for the length of an append, so it finds the first event that is recent enough
    /// and starts before it; a reader that must be exact looks at the events' times as well.
    public func offset(recordedBefore time: Timestamp) async throws -> Offset {
        let frontier = try await frontier()
        return try await pool.withSession { [names] session in
            let first = try session.query(
                "select min(position) from \(identifier: names.events) where recorded_at >= \(time)"
            ).first
            guard let position = try first?.decode(0, as: Int64?.self), position <= frontier.position else {
                return frontier
            }
            return try Offset.highest(through: position - 1, names, in: &session)
        }
    }

    /// How many events a reader at a position has yet to see, and how long ago in seconds the oldest of them was recorded.
    public func lag(
        after position: Int64, through head: Int64, filter: EventFilter
    ) async throws -> (events: Int64, seconds: Double) {
        guard position < head else { return (0, 0) }
        return try await pool.withSession { [names] session in
            let row = try session.query(
                """
                select count(*), coalesce(extract(epoch from clock_timestamp() - (
                    select recorded_at from \(identifier: names.events) where position = min(e.position)))::float8, 0)
                from \(identifier: names.events) e
                where e.position > \(position) and e.position <= \(head) \(sql: filter.condition(names))
                """)[0]
            return (try row.decode(0), max(0, try row.decode(1)))
        }
    }

    /// Which events of each of these types there are above a position and up to another one.
    public func checksums(
        after position: Int64, through end: Int64, types: [String]
    ) async throws -> [String: LogChecksum] {
        guard position < end else { return [:] }
        return try await pool.withSession { [names] session in
            var sums: [String: LogChecksum] = [:]
            let rows = try session.pipeline([
                // Who has much to count asks for parts of it at once, which costs less than to start worker processes.
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
            return sums
        }
    }

    /// Checks that the log holds the offset's anchor at its position.
    public func verify(_ offset: Offset) async throws {
        guard let anchor = offset.anchor else { return }
        let found = try await pool.withSession { [names] session in
            try session.query("select id from \(identifier: names.events) where position = \(offset.position)")
                .first?.decode(0, as: UUID.self)
        }
        guard found != anchor else { return }
        let there = found.map { "event \($0.uuidString.lowercased())" } ?? "no event"
        throw EventLogError(
            .anchorMismatch,
            """
            the log in schema "\(names.schema)" holds \(there) at position \(offset.position), where event \
            \(anchor.uuidString.lowercased()) was read before: the log was rewound, restored or replaced. Restore the log, or \
            reset the reader to fold it from the beginning
            """)
    }
}

extension EventFilter {
    /// The filter as a condition that follows others.
    func condition(_ names: SchemaNames) -> SQL {
        switch self {
        case .all: ""
        case .types(let types): "and e.type = any(\(types))"
        case .category(let category): "and \(identifier: names.category)(e.stream) = \(category)"
        }
    }
}
