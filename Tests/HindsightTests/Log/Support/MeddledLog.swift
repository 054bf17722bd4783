import Hindsight
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A log to which something happens while its ranges are read.
struct MeddledLog: EventLog {
    private let log: PostgresEventLog
    private let beforeRange: @Sendable (Int64) async throws -> Void

    /// - Parameter beforeRange: called with the position below each range before that is read.
    init(_ log: PostgresEventLog, beforeRange: @escaping @Sendable (Int64) async throws -> Void) {
        self.log = log
        self.beforeRange = beforeRange
    }

    var limits: EventLogLimits { log.limits }
    var abilities: LogAbilities { log.abilities }

    func identity() async throws -> UUID { try await log.identity() }

    func append(_ appends: [StreamAppend]) async throws -> [AppendResult] { try await log.append(appends) }

    func append(
        _ events: [NewEvent], to stream: StreamName, expected: ExpectedVersion
    ) async throws -> AppendResult {
        try await log.append(events, to: stream, expected: expected)
    }

    func append(inOrder events: [StreamEvent]) async throws -> Int64 { try await log.append(inOrder: events) }

    func read(
        after offset: Offset, through frontier: Offset?, filter: EventFilter, limit: Int, maximumBytes: Int
    ) async throws -> EventBatch {
        try await log.read(
            after: offset, through: frontier, filter: filter, limit: limit, maximumBytes: maximumBytes)
    }

    func read(
        after position: Int64, through end: Int64, filter: EventFilter, fields: EventFields, maximumBytes: Int,
        into buffer: RawEventBuffer
    ) async throws {
        try await beforeRange(position)
        try await log.read(
            after: position, through: end, filter: filter, fields: fields, maximumBytes: maximumBytes, into: buffer)
    }

    func readStream(
        _ stream: StreamName, from version: Int64?, backward: Bool, limit: Int, maximumBytes: Int
    ) async throws -> EventPage {
        try await log.readStream(
            stream, from: version, backward: backward, limit: limit, maximumBytes: maximumBytes)
    }

    func readBackward(
        from position: Int64?, filter: EventFilter, limit: Int, maximumBytes: Int
    ) async throws -> EventPage {
        try await log.readBackward(from: position, filter: filter, limit: limit, maximumBytes: maximumBytes)
    }

    func frontier() async throws -> Offset { try await log.frontier() }
    func offset(before position: Int64) async throws -> Offset { try await log.offset(before: position) }

    func offset(recordedBefore time: Timestamp) async throws -> Offset {
        try await log.offset(recordedBefore: time)
    }

    func verify(_ offset: Offset) async throws { try await log.verify(offset) }

    func lag(after position: Int64, through head: Int64, filter: EventFilter, limit: Int64) async throws -> LogLag {
        try await log.lag(after: position, through: head, filter: filter, limit: limit)
    }

    func proof(after position: Int64, through end: Int64, types: [String]) async throws -> LogProof {
        try await log.proof(after: position, through: end, types: types)
    }

    func changes() -> LogChanges { log.changes() }
    func run() async throws { try await log.run() }
}
