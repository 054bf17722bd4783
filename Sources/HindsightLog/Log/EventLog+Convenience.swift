#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension EventLog {
    /// Reads the log after an offset: at most `limit` wanted events, up to the current frontier.
    public func read(after offset: Offset, filter: EventFilter = .all, limit: Int) async throws -> EventBatch {
        try await read(
            after: offset, through: nil, filter: filter, limit: limit, maximumBytes: EventBatch.defaultBytes)
    }

    /// Reads the log after an offset: at most `limit` wanted events, and never past a frontier that was found earlier.
    public func read(
        after offset: Offset, through frontier: Offset?, filter: EventFilter, limit: Int
    ) async throws -> EventBatch {
        try await read(
            after: offset, through: frontier, filter: filter, limit: limit, maximumBytes: EventBatch.defaultBytes)
    }

    /// Reads a stream from a version: all events up to the limit, however large they are.
    ///
    /// - Parameters:
    ///   - version: where to start; nil for the start of the stream, or its end when reading backward. Defaults to
    ///     `nil`.
    ///   - backward: whether to read the last event first. Defaults to `false`.
    ///   - limit: the maximum number of events. Defaults to all.
    public func readStream(
        _ stream: StreamName, from version: Int64? = nil, backward: Bool = false, limit: Int = .max
    ) async throws -> [RecordedEvent] {
        var (events, next): ([RecordedEvent], Int64?) = ([], version)
        while true {
            let page = try await readStream(
                stream, from: next, backward: backward, limit: limit - events.count,
                maximumBytes: EventBatch.defaultBytes)
            events += page.events
            guard page.isCut, events.count < limit, let last = page.events.last else { return events }
            next = last.version + (backward ? -1 : 1)
        }
    }

    /// Reads the log backward from a position, inclusive: all events up to the limit, however large they are.
    ///
    /// - Parameters:
    ///   - position: where to start; nil for the frontier. Defaults to `nil`.
    ///   - filter: which events to read. Defaults to all.
    ///   - limit: the maximum number of events.
    public func readBackward(
        from position: Int64? = nil, filter: EventFilter = .all, limit: Int
    ) async throws -> [RecordedEvent] {
        var (events, next): ([RecordedEvent], Int64?) = ([], position)
        while true {
            let page = try await readBackward(
                from: next, filter: filter, limit: limit - events.count, maximumBytes: EventBatch.defaultBytes)
            events += page.events
            guard page.isCut, events.count < limit, let last = page.events.last else { return events }
            next = last.position - 1
        }
    }

    /// The stored events with these ids, in the order of their positions, however large they are.
    ///
    /// - Throws: ``EventLogError`` with `unsupported` from a log without ``LogAbilities/eventsByID``.
    public func events(withIDs ids: [UUID]) async throws -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        while true {
            let page = try await self.events(
                withIDs: ids, after: events.last?.position ?? 0, maximumBytes: EventBatch.defaultBytes)
            events += page.events
            guard page.isCut, !page.events.isEmpty else { return events }
        }
    }

    /// How far behind a reader at a position is, counted up to ``LogLag/defaultLimit`` events.
    public func lag(after position: Int64, through head: Int64, filter: EventFilter) async throws -> LogLag {
        try await lag(after: position, through: head, filter: filter, limit: LogLag.defaultLimit)
    }

    /// Appends one event to a stream.
    @discardableResult
    public func append(
        _ event: NewEvent, to stream: StreamName, expected: ExpectedVersion = .any
    ) async throws -> AppendResult {
        try await append([event], to: stream, expected: expected)
    }
}
