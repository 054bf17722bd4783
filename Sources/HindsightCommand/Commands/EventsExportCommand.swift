import ArgumentParser
import Hindsight

/// `events export`: writes the log to a file.
struct EventsExportCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "export", abstract: "Write events as JSON Lines, in the order of their positions.",
            discussion: "Importing an export into an empty log gives the same log but for the positions.")
    }

    @Option(help: "The first position. Defaults to the beginning.")
    var from: Int64?

    @Option(help: "The last position. Defaults to the end of the log at the start of the command.")
    var to: Int64?

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withLog(options, schema: .require) { runtime in
            var end = try await runtime.log.frontier()
            if let to, to < end.position { end.position = to }
            let first = max(from ?? 1, 1)
            guard first <= end.position else { return }
            let output = runtime.output
            let progress = output.progress("exporting", unit: "events")
            defer { progress.finish() }
            let start = Offset(position: first - 1, anchor: nil)
            let span = Double(end.position - start.position)
            let count = SharedCount()
            try await runtime.log.forEachEvent(after: start, through: end) { event in
                try output.withBuffer { EventLine.append(event, as: .export, to: &$0) }
                let number = count.next()
                if number % 1_000 == 0 {
                    progress.update(number, fraction: Double(event.position - start.position) / span)
                }
            }
            try output.flush()
            progress.finish()
            output.note("\(Table.grouped(count.value)) events exported")
        }
    }
}
