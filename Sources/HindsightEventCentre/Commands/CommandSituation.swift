import HindsightLog
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a command is decided with, besides its own content.
struct CommandSituation: Sendable {
    let log: any EventLog
    let registry: EventRegistry
    /// The command's id, from which the ids of its events are derived.
    let id: UUID
    /// What the command says the stream must look like.
    let expected: ExpectedVersion
    let correlationID: String?

    /// A stream whose name the log takes. Names are made of what was handed in.
    ///
    /// - Throws: ``CommandRefusal``.
    func checked(_ stream: StreamName) throws -> StreamName {
        do throws(EventLogError) {
            try log.limits.check(stream)
        } catch {
            throw CommandRefusal(error)
        }
        return stream
    }

    /// What was found in a stream.
    struct Found {
        /// The version of its last event, -1 if there is none.
        var version: Int64 = -1
        /// What this very command has appended: it was handed in before, and its receipt was removed since.
        var own: [RecordedEvent] = []
    }

    /// Reads a stream into a state.
    func fold(_ stream: StreamName, _ body: (HistoricEvent) throws -> Void) async throws -> Found {
        var found = Found()
        var ownID = eventID(0)
        while true {
            let page = try await log.readStream(
                stream, from: found.version + 1, backward: false, limit: .max, maximumBytes: EventBatch.defaultBytes)
            for event in page.events {
                if event.id == ownID {
                    found.own.append(event)
                    ownID = eventID(found.own.count)
                }
                try body(HistoricEvent(event, registry))
                found.version = event.version
            }
            if !page.isCut { return found }
        }
    }

    /// What this very command has appended to a stream that is not as the command says.
    ///
    /// It was appended where the command says the stream must end, and nowhere else, so that a long stream is not read to its end.
    ///
    /// - Parameter version: the version of the stream's last event, -1 if there is none.
    func appended(to stream: StreamName, at version: Int64) async throws -> [RecordedEvent] {
        var next: Int64
        switch expected {
        case .exact(let before) where before >= -1 && before < version: next = before + 1
        case .noStream: next = 0
        // The stream has never gone on from such a version; or there is none, for whoever says that it exists.
        case .exact, .exists, .any: return []
        }
        var own: [RecordedEvent] = []
        while true {
            let page = try await log.readStream(
                stream, from: next, backward: false, limit: 100, maximumBytes: EventBatch.defaultBytes)
            for event in page.events {
                guard event.id == eventID(own.count) else { return own }
                own.append(event)
                next = event.version + 1
            }
            if page.events.isEmpty { return own }
        }
    }

    /// The id of an event of this command, which has the first one's number 0.
    private func eventID(_ number: Int) -> UUID { .version5(of: id, "\(number)") }

    /// What to do with a command that has been appended before: the log finds it by the ids, and nothing is appended.
    ///
    /// - Returns: nil if it has not.
    func repetition(_ own: [RecordedEvent], _ stream: StreamName) -> CommandVerdict? {
        guard !own.isEmpty else { return nil }
        return .append(CommandDecision(stream, .any, own.map(NewEvent.init(storedAs:))))
    }

    /// The version of a stream's last event, -1 if there is none.
    func version(of stream: StreamName) async throws -> Int64 {
        try await log.readStream(stream, backward: true, limit: 1).first?.version ?? -1
    }

    /// What to do with the events that a handler has decided.
    ///
    /// - Parameter version: the version at which the stream was read; nil if it was not.
    func verdict(_ events: [any Event], _ stream: StreamName, readAt version: Int64?) async throws -> CommandVerdict {
        guard !events.isEmpty else {
            let last = if let version { version } else { try await self.version(of: stream) }
            return .unchanged(stream, version: last)
        }
        let now = Timestamp.now()
        let drafts = try events.enumerated().map { index, event in
            try registry.encode(
                event, id: eventID(index), occurredAt: now, correlationID: correlationID,
                causationID: id.lowercased)
        }
        let expected: ExpectedVersion =
            if let version {
                version < 0 ? .noStream : .exact(version)
            } else {
                .any
            }
        return .append(CommandDecision(stream, expected, drafts))
    }

    /// The conflict, if a stream at this version is not as the command says.
    func conflict(_ stream: StreamName, at version: Int64) -> CommandVerdict? {
        expected.isMet(by: version) ? nil : .conflict(stream, expected: expected, actual: version)
    }
}

extension NewEvent {
    /// An event as it was when it was appended.
    fileprivate init(storedAs event: RecordedEvent) {
        self.init(
            type: event.type, schemaVersion: event.schemaVersion, data: Array(event.data), id: event.id,
            occurredAt: event.occurredAt, correlationID: event.correlationID, causationID: event.causationID,
            metadata: event.metadata.map(Array.init))
    }
}
