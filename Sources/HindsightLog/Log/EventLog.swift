public import HindsightValues

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// An append-only, totally ordered store of events.
///
/// Positions only grow and have holes. Readers never see an event appear at or below the ``frontier()``; that is what makes
/// an offset a single number.
public protocol EventLog: Sendable {
    /// Which log this is; offsets are kept by it.
    func identity() async throws -> UUID

    /// Appends events to several streams at once: all of them or, when an error is thrown, none.
    ///
    /// - Returns: a result for each stream, in the order of `appends`.
    /// - Throws: ``EventLogError`` with `conflict`, `knownEvents`, `invalidAppend` or `contention`.
    @discardableResult
    func append(_ appends: [StreamAppend]) async throws -> [AppendResult]

    /// Appends events to one stream.
    ///
    /// Calls that are made at the same time may be committed together; each gets its own result.
    ///
    /// - Throws: ``EventLogError`` with `conflict`, `knownEvents`, `invalidAppend` or `contention`.
    @discardableResult
    func append(_ events: [NewEvent], to stream: StreamName, expected: ExpectedVersion) async throws -> AppendResult

    /// Appends events of several streams in the order given, all or none, to whatever version each stream has: an import.
    ///
    /// - Returns: the position of the last event.
    /// - Throws: ``EventLogError`` with `knownEvents`, `invalidAppend` or `contention`.
    @discardableResult
    func append(inOrder events: [StreamEvent]) async throws -> Int64

    /// The events that have these ids, in the order of their positions, as far as they are stored.
    func events(withIDs ids: [UUID]) async throws -> [RecordedEvent]

    /// Reads a stream from a version on, forward or backward, the version included.
    ///
    /// - Parameters:
    ///   - version: where to start; nil for the start of the stream, or its end when reading backward.
    ///   - limit: at most so many events.
    func readStream(
        _ stream: StreamName, from version: Int64?, backward: Bool, limit: Int
    ) async throws -> [RecordedEvent]

    /// Reads the log after an offset, at most `limit` wanted events and never past the frontier.
    ///
    /// - Parameter frontier: a frontier that was found before, which spares looking for it; nil for the one that is found now.
    func read(after offset: Offset, through frontier: Offset?, filter: EventFilter, limit: Int) async throws
        -> EventBatch

    /// Reads at most `limit` events of the log backward from below a position, the position included; nil for the frontier.
    func readBackward(from position: Int64?, filter: EventFilter, limit: Int) async throws -> [RecordedEvent]

    /// The highest visible position below which nothing can still appear.
    func frontier() async throws -> Offset

    /// The place right before a position: that of the highest visible event below it, never past the frontier.
    func offset(before position: Int64) async throws -> Offset

    /// The place after which the events are that were recorded at or after a time.
    func offset(recordedBefore time: Timestamp) async throws -> Offset

    /// Checks that the log holds the offset's anchor at its position.
    ///
    /// - Throws: ``EventLogError`` with `anchorMismatch`.
    func verify(_ offset: Offset) async throws

    /// How many events a reader at a position has yet to see, and how long ago in seconds the oldest of them was recorded.
    func lag(after position: Int64, through head: Int64, filter: EventFilter) async throws -> (
        events: Int64, seconds: Double
    )

    /// Which events of each of these types there are above a position and up to another one, in numbers that a reader can
    /// compare with its own.
    func checksums(after position: Int64, through end: Int64, types: [String]) async throws -> [String: LogChecksum]

    /// Wakes readers when there may be something new. It may wake them for nothing and, when notifications are lost, late.
    func changes() -> LogChanges
}

extension EventLog {
    /// Reads the log after an offset, at most `limit` wanted events, up to the frontier that is found now.
    public func read(after offset: Offset, filter: EventFilter = .all, limit: Int) async throws -> EventBatch {
        try await read(after: offset, through: nil, filter: filter, limit: limit)
    }

    /// Appends one event to a stream.
    @discardableResult
    public func append(
        _ event: NewEvent, to stream: StreamName, expected: ExpectedVersion = .any
    ) async throws -> AppendResult {
        try await append([event], to: stream, expected: expected)
    }
}
