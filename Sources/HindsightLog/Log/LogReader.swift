/// A reader of a log with its own place: it catches up from an offset, then reads new events.
///
/// A log may hold a resource for it, such as a consumer or a statement, which ``close()`` releases. It belongs to one
/// task at a time.
///
/// ```swift
/// let reader = try await log.reader(after: offset, filter: .types(["OrderPlaced"]))
/// let batch = try await reader.next(limit: 500)
/// ```
public protocol LogReader: Sendable {
    /// The next batch: at most `limit` wanted events, never past the frontier. The batch is empty if there are no
    /// events yet; the call does not wait for more (``EventLog/changes()`` does).
    ///
    /// If it throws, the place is unchanged, and the same call can be repeated.
    ///
    /// - Parameters:
    ///   - limit: the maximum number of events.
    ///   - maximumBytes: the maximum total size of the events; a single event may be larger.
    ///   - end: where to stop: a frontier that was found earlier, or a place below one; nil for the current frontier.
    /// - Throws: as ``EventLog/read(after:through:filter:limit:maximumBytes:)`` does.
    func next(limit: Int, maximumBytes: Int, through end: Offset?) async throws -> EventBatch

    /// Releases what the log holds for the reader. The reader must not be used afterwards.
    func close() async
}

extension LogReader {
    /// The next batch, of the usual size in bytes.
    public func next(limit: Int, through end: Offset? = nil) async throws -> EventBatch {
        try await next(limit: limit, maximumBytes: EventBatch.defaultBytes, through: end)
    }
}
