/// A reader of a log with a place of its own: catch-up from an offset, then whatever comes.
///
/// A log may keep something for it, a consumer or a statement, which ``close()`` gives back. It belongs to one task at a time.
///
/// ```swift
/// let reader = try await log.reader(after: offset, filter: .types(["OrderPlaced"]))
/// let batch = try await reader.next(limit: 500)
/// ```
public protocol LogReader: Sendable {
    /// The next batch: at most `limit` wanted events, never past the frontier. It is empty when nothing is there yet; it does not
    /// wait for more (``EventLog/changes()`` does).
    ///
    /// When it throws, the place is what it was, and the same call can be made again.
    ///
    /// - Parameters:
    ///   - limit: at most so many events.
    ///   - maximumBytes: how large the events together may be; a single one may be larger.
    ///   - end: a frontier that was found before, or a place below one, where to stop; nil for the frontier that is found now.
    /// - Throws: as ``EventLog/read(after:through:filter:limit:maximumBytes:)`` does.
    func next(limit: Int, maximumBytes: Int, through end: Offset?) async throws -> EventBatch

    /// Gives back what the log keeps for the reader. It is not used afterwards.
    func close() async
}

extension LogReader {
    /// The next batch, of the usual size in bytes.
    public func next(limit: Int, through end: Offset? = nil) async throws -> EventBatch {
        try await next(limit: limit, maximumBytes: EventBatch.defaultBytes, through: end)
    }
}
