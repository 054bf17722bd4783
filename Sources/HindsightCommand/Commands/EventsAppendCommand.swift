import ArgumentParser
import Hindsight
import HindsightJSON
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `events append`: adds one event to the log.
struct EventsAppendCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "append", abstract: "Append one event to a stream.",
            discussion: """
                An event whose id is stored already changes nothing; the answer is that of the first time. A type that no event or \
                projection of this app knows is refused, and so is data that its type cannot read; --force appends them.
                """)
    }

    @Argument(help: "The stream, such as order-1.")
    var stream: String

    @Option(help: "The event's type.")
    var type: String

    @Option(help: "The event's data as JSON text.", transform: ArgumentText.json)
    var data: [UInt8]

    @Option(
        help: "What the stream must look like: any, no-stream, exists, or the version of its last event.",
        transform: ArgumentText.expectedVersion)
    var expected = ExpectedVersion.any

    @Option(help: "The event's id, a UUID. Defaults to a new one.", transform: ArgumentText.uuid)
    var id: UUID?

    @Option(help: "Free metadata, a JSON object.", transform: ArgumentText.jsonObject)
    var meta: [UInt8]?

    @Option(help: "What the event belongs to: a request, a workflow, a trace.")
    var correlation: String?

    @Option(help: "What caused it: the id of an event or command.")
    var causation: String?

    @Option(help: "When it happened, RFC 3339. Defaults to now.", transform: ArgumentText.timestamp)
    var at: Timestamp?

    @Option(
        help:
            """
            The schema version of the data, from 1. Defaults to the app's current one for the type, 1 for a type that it does not \
            know, as in an import.
            """
    )
    var schemaVersion: Int?

    @Flag(help: "Append it even if the app does not know the type, or cannot read the data as that type.")
    var force = false

    @OptionGroup var options: RuntimeOptions

    func validate() throws {
        let limits = EventLogLimits()
        try check(stream, is: "the stream's name", from: 1, to: limits.streamNameBytes)
        try check(type, is: "--type", from: 1, to: limits.typeNameBytes)
        if let correlation { try check(correlation, is: "--correlation", to: limits.correlationBytes) }
        if let causation { try check(causation, is: "--causation", to: limits.correlationBytes) }
        guard data.count <= limits.eventBytes else {
            throw ValidationError("--data has \(data.count) bytes; it must have at most \(limits.eventBytes)")
        }
        if let meta, meta.count > limits.metadataBytes {
            throw ValidationError("--meta has \(meta.count) bytes; it must have at most \(limits.metadataBytes)")
        }
        if let schemaVersion, !(1...Int(Int32.max)).contains(schemaVersion) {
            throw ValidationError("--schema-version is a whole number from 1 to \(Int32.max)")
        }
    }

    private func check(_ text: String, is name: String, from least: Int = 0, to most: Int) throws {
        let count = text.utf8.count
        guard (least...most).contains(count) else {
            throw ValidationError("\(name) has \(count) bytes; it must have \(least) to \(most)")
        }
    }

    func run() async throws {
        let vocabulary = App.vocabulary
        let event = NewEvent(
            type: type, schemaVersion: schemaVersion ?? vocabulary.currentVersion(of: type), data: data, id: id,
            occurredAt: at ?? .now(), correlationID: correlation, causationID: causation, metadata: meta)
        if !force { try Self.check(event, vocabulary) }
        try await App.withLog(options, schema: .migrate) { runtime in
            let result = try await append(event, to: runtime.log)
            try runtime.output.result(
                [
                    "position": .integer(result.position), "version": .integer(result.version),
                    "duplicate": .bool(result.isDuplicate),
                ],
                text: """
                    \(result.isDuplicate ? "stored already" : "appended"): \(stream) version \(result.version), position \
                    \(result.position)
                    """)
        }
    }

    /// Refuses an event that the app's projections would not see, or at which they would stop.
    private static func check(_ event: NewEvent, _ vocabulary: EventVocabulary) throws {
        guard vocabulary.knows(event.type) else {
            let nearest = vocabulary.nearest(to: event.type).map { "the nearest name that it knows is \"\($0)\"" }
            throw CommandError(
                """
                no event or projection of \(App.name) has the type "\(event.type)"; \(nearest ?? "it knows no type at all"). To append \
                it anyway, add --force
                """)
        }
        if let refusal = vocabulary.refusal(event.type, event.schemaVersion, data: event.data) {
            throw CommandError("\(refusal). To append it anyway, add --force")
        }
    }

    private func append(_ event: NewEvent, to log: any EventLog) async throws -> AppendResult {
        do {
            return try await log.append(event, to: StreamName(stream), expected: expected)
        } catch let error as EventLogError where error.code == .knownEvents {
            throw CommandError(
                """
                events are stored already, with another stream, type or data: \(event.id.uuidString.lowercased()); give the event \
                another --id, or append it as it was stored
                """)
        }
    }
}
