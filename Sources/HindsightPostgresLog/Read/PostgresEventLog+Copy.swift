public import HindsightLog
import HindsightPostgres

extension PostgresEventLog {
    /// Delivers the events after one place and up to another, in order and as they arrive, in constant memory.
    ///
    /// - Parameters:
    ///   - offset: where to start.
    ///   - end: where to stop; a frontier, or a place before one.
    ///   - body: runs on the connection's thread. An error that it throws ends the copy.
    public func forEachEvent(
        after offset: Offset, through end: Offset, _ body: @escaping @Sendable (RecordedEvent) throws -> Void
    ) async throws {
        let query = RangeQuery(
            names: names, filter: .all, form: .literal, low: offset.position, high: end.position)
        try await pool.withSession { session in
            var columns = EventColumns()
            try session.copyOut("copy (\(sql: query.scan(limit: .max))) to stdout (format binary)") { tuple in
                try body(try columns.event(copied: tuple))
            }
        }
    }
}
