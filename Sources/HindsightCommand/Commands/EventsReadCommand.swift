import ArgumentParser
import Hindsight

/// `events read`: shows events of the log or of a stream, for people and programs.
struct EventsReadCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "read", abstract: "Show events.",
            discussion: """
                With --json each event is one line. With --follow it waits for further events until SIGINT or SIGTERM ends it, \
                or the limit is reached.
                """)
    }

    @Option(help: "Only events of this stream.")
    var stream: String?

    @Option(help: "Only events of this type; may be given several times.")
    var type: [String] = []

    @Option(help: "Where to start: a position of the log, or with --stream a version.")
    var from: Int64?

    @Option(help: "At most so many events.")
    var limit: Int?

    @Flag(help: "The last events first.")
    var backward = false

    @Flag(help: "Wait for further events.")
    var follow = false

    @OptionGroup var options: RuntimeOptions

    func validate() throws {
        if backward, follow { throw ValidationError("--backward and --follow exclude each other") }
        if let limit, limit < 0 { throw ValidationError("--limit is not negative") }
    }

    func run() async throws {
        try await App.withLog(options, schema: .require) { runtime in
            let printer = EventPrinter(output: runtime.output, limit: limit, isLive: follow)
            let reading = EventReading(
                log: runtime.log, stream: stream.map { StreamName($0) }, types: Set(type), from: from, printer: printer)
            if follow {
                try await reading.follow()
            } else if backward {
                try await reading.backward()
            } else {
                try await reading.forward()
            }
            try printer.finish()
        }
    }
}
