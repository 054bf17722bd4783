import Hindsight
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A log to which something happens while it is read, or that claims to be another one than it is.
struct MeddledLog: EventLog {
    private let log: any EventLog
    private let beforeRange: @Sendable (Int64) async throws -> Void
    private let beforeRead: @Sendable () async throws -> Void
    let abilities: LogAbilities

    /// - Parameters:
    ///   - abilities: what the log claims to be able to do; nil for what it can do.
    ///   - beforeRange: called with the position below each range before that is read.
    ///   - beforeRead: called before each batch is read.
    init(
        _ log: any EventLog, claiming abilities: LogAbilities? = nil,
        beforeRange: @escaping @Sendable (Int64) async throws -> Void = { _ in },
        beforeRead: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.log = log
        self.abilities = abilities ?? log.abilities
        self.beforeRange = beforeRange
        self.beforeRead = beforeRead
    }

    var limits: EventLogLimits { log.limits }

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
        try await beforeRead()
        return try await log.read(
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

    func streams(withID id: String) async throws -> [StreamName]? { try await log.streams(withID: id) }

    func events(at positions: [Int64], maximumBytes: Int) async throws -> EventPage {
        try await log.events(at: positions, maximumBytes: maximumBytes)
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
        guard abilities.contains(.holes) else { return .dense }
        return try await log.proof(after: position, through: end, types: types)
    }

    func changes() -> LogChanges { log.changes() }
    func run() async throws { try await log.run() }
}
