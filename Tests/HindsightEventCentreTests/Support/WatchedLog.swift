#if NATS
    import Hindsight
    import HindsightValues
    import Synchronization

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// A log that remembers which events of streams were read forward.
    final class WatchedLog: EventLog {
        private let log: any EventLog
        private let read = Mutex<[Int64]>([])

        init(_ log: any EventLog) { self.log = log }

        /// The versions that were read since this was asked last, in the order of reading.
        func takeVersionsRead() -> [Int64] {
            read.withLock { versions in
                defer { versions = [] }
                return versions
            }
        }

        func readStream(
            _ stream: StreamName, from version: Int64?, backward: Bool, limit: Int, maximumBytes: Int
        ) async throws -> EventPage {
            let page = try await log.readStream(
                stream, from: version, backward: backward, limit: limit, maximumBytes: maximumBytes)
            if !backward { read.withLock { $0 += page.events.map(\.version) } }
            return page
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
            try await log.read(
                after: position, through: end, filter: filter, fields: fields, maximumBytes: maximumBytes, into: buffer)
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

        func lag(
            after position: Int64, through head: Int64, filter: EventFilter, limit: Int64
        ) async throws -> LogLag {
            try await log.lag(after: position, through: head, filter: filter, limit: limit)
        }

        func proof(after position: Int64, through end: Int64, types: [String]) async throws -> LogProof {
            try await log.proof(after: position, through: end, types: types)
        }

        func changes() -> LogChanges { log.changes() }
        func run() async throws { try await log.run() }
    }
#endif
