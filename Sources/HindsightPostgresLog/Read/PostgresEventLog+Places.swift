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

    /// A place that is followed by all events recorded at or after a time, and few others.
    ///
    /// It is found by a few dozen look-ups, because recorded times grow with positions, except within the duration of
    /// an append. It is exact, the place right before the first such event, as long as no append takes longer than ten
    /// seconds and no clock is set back further. If events of another log were imported behind younger ones, it is the
    /// end of some older events, but not always of all.
    public func offset(recordedBefore time: Timestamp) async throws -> Offset {
        let description = try await describe()
        return try await pool.withSession { [names] session in
            let bound = try FrontierBound.read(names, description, in: &session)
            let head = try Offset.highest(through: bound.position, names, in: &session)
            let search = TimeSearch(names: names, head: head.position)
            let last = try search.last(before: time, in: &session)
            let earlier = try search.last(before: time.advanced(by: .zero - TimeSearch.longestAppend), in: &session)
            let first = try search.first(at: time, above: earlier, through: last, in: &session)
            return try Offset.highest(through: first.map { $0 - 1 } ?? last, names, in: &session)
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
