import ArgumentParser
import Hindsight
import HindsightJSON
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `events append`: one event into the log.
struct EventsAppendCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "append", abstract: "Append one event to a stream.",
            discussion: "An event whose id is stored already changes nothing; the answer is that of the first time.")
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
        help: "The schema version of the data. Defaults to the app's current one for the type, 1 for an unknown type.")
    var schemaVersion: Int?

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        let event = NewEvent(
            type: type, schemaVersion: schemaVersion ?? App.events.schemaVersion(ofType: type) ?? 1, data: data, id: id,
            occurredAt: at ?? .now(), correlationID: correlation, causationID: causation, metadata: meta)
        try await App.withRuntime(options, schema: .migrate) { runtime in
            let result = try await runtime.log.append(event, to: StreamName(stream), expected: expected)
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
}
