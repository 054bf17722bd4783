import Synchronization

/// A reader that asks its log for one page after another, and holds no resources there.
public final class PagedLogReader: LogReader {
    private let log: any EventLog
    private let filter: EventFilter
    private let offset: Mutex<Offset>

    /// Creates a reader of a log.
    ///
    /// - Parameters:
    ///   - log: the log to read.
    ///   - offset: the place after which to start.
    ///   - filter: which events to return.
    public init(_ log: any EventLog, after offset: Offset, filter: EventFilter) {
        self.log = log
        self.filter = filter
        self.offset = Mutex(offset)
    }

    /// The next batch.
    public func next(limit: Int, maximumBytes: Int, through end: Offset?) async throws -> EventBatch {
        let batch = try await log.read(
            after: offset.withLock { $0 }, through: end, filter: filter, limit: limit, maximumBytes: maximumBytes)
        offset.withLock { $0 = batch.through }
        return batch
    }

    /// Does nothing.
    public func close() async {}
}
