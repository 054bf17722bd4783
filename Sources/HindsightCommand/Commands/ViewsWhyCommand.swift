import ArgumentParser
import Hindsight

/// `views why`: shows which events made a row.
struct ViewsWhyCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "why", abstract: "Show why a row looks as it does: its events, and what each of them changed.",
            discussion: """
                The row is folded by this program, in memory and from the beginning, up to where the view stands, and compared with the \
                row that the view has. Nothing is written, and nothing that runs is disturbed. If all keys are ids of streams, only the \
                streams of that id are read; else the whole log is, as far as the projection wants it. An event that cannot be applied \
                ends the explanation, and is shown with its error. Whether the rows differ or not, the status is 0: the question was \
                answered.
                """)
    }

    @Argument(help: "The projection's name.", completion: NameCompletion<App>.views)
    var name: String

    @Option(help: "The row's key: once for each key column.")
    var key: [String] = []

    @Option(help: "Show the row as it was at this position. Defaults to where the view stands.")
    var at: Int64?

    @Flag(help: "Show all columns before and after each event, not only those that it changed.")
    var step = false

    @Option(help: "Show only so many of the last events, from 0. Defaults to all.")
    var limit: Int?

    @OptionGroup var options: RuntimeOptions

    func validate() throws {
        if key.isEmpty { throw ValidationError("--key says which row: once for each key column") }
        if let at, at < 1 { throw ValidationError("--at is a position, from 1") }
        if let limit, limit < 0 { throw ValidationError("--limit is not negative") }
    }

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let definition = try await runtime.administration.shownDefinition(name)
            let printer = HistoryPrinter(definition, key: key, showsWholeRows: step, runtime)
            let progress = runtime.output.progress("reading", unit: "positions")
            defer { progress.finish() }
            let streams = limit == nil
            let explanation = try await runtime.administration.explain(
                name, key: key, at: at, limit: limit ?? 0,
                onProgress: { progress.update($0, fraction: Double($0) / Double(max($1, 1))) },
                onStep: { if streams { try printer.show($0) } })
            progress.finish()
            for step in explanation.steps { try printer.show(step) }
            try printer.finish(explanation)
        }
    }
}
