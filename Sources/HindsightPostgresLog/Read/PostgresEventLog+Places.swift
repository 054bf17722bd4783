public import HindsightLog
import HindsightPostgres
public import HindsightValues

extension PostgresEventLog {
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

    /// Checks that the log holds the offset's anchor at its position.
    public func verify(_ offset: Offset) async throws {
        guard offset.position > 0 else { return }
        try await pool.withSession { [names] session in try offset.verify(names, in: &session) }
    }

    /// Steps one and two of reading.
    func bound() async throws -> FrontierBound {
        let description = try await describe()
        return try await pool.withSession { [names] session in
            try FrontierBound.read(names, description, in: &session)
        }
    }
}
