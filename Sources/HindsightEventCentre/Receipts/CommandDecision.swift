import HindsightLog
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a command appends. It is stored before it is appended, so that whoever goes on after a crash appends exactly this, under
/// the same ids, which the log stores once.
struct CommandDecision: Codable, Hashable, Sendable {
    /// An event whose data is kept byte for byte: as a string, since a database may write JSON anew.
    struct Event: Codable, Hashable, Sendable {
        var id: UUID
        var type: String
        var schema: Int
        var at: Timestamp
        var data: String
        var meta: String?
        var correlation: String?
        var causation: String?
    }

    /// The command's name, for its receipt.
    var name = ""
    var stream: String
    /// As ``ExpectedVersion`` describes itself.
    var expected: String
    var events: [Event]
    /// For what is done for a task, the event that it is done for.
    var taskEvent: UUID?
    /// Why the task cannot be done.
    var failure: String?

    init(_ stream: StreamName, _ expected: ExpectedVersion, _ drafts: [NewEvent]) {
        self.stream = stream.rawValue
        self.expected = "\(expected)"
        events = drafts.map { draft in
            Event(
                id: draft.id, type: draft.type, schema: draft.schemaVersion, at: draft.occurredAt,
                data: String(decoding: draft.data, as: UTF8.self),
                meta: draft.metadata.map { String(decoding: $0, as: UTF8.self) }, correlation: draft.correlationID,
                causation: draft.causationID)
        }
    }

    var newEvents: [NewEvent] {
        events.map { event in
            NewEvent(
                type: event.type, schemaVersion: event.schema, data: Array(event.data.utf8), id: event.id,
                occurredAt: event.at, correlationID: event.correlation, causationID: event.causation,
                metadata: event.meta.map { Array($0.utf8) })
        }
    }

    /// Appends it; if it is stored already, nothing changes.
    func append(to log: any EventLog) async throws -> AppendResult {
        guard let expected = ExpectedVersion(expected) else {
            throw EventCentreError(
                .failed, "a decision with the expectation \"\(expected)\" is of another program's version")
        }
        return try await log.append(newEvents, to: StreamName(stream), expected: expected)
    }
}
