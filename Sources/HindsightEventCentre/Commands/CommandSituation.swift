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

    /// Reads a stream into a state.
    ///
    /// - Returns: the version of the stream's last event, -1 if there is none.
    func fold(_ stream: StreamName, _ body: (HistoricEvent) throws -> Void) async throws -> Int64 {
        var version: Int64 = -1
        while true {
            let page = try await log.readStream(
                stream, from: version + 1, backward: false, limit: .max, maximumBytes: EventBatch.defaultBytes)
            for event in page.events {
                try body(HistoricEvent(event, registry))
                version = event.version
            }
            if !page.isCut { return version }
        }
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
                event, id: UUID.version5(of: id, "\(index)"), occurredAt: now, correlationID: correlationID,
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
