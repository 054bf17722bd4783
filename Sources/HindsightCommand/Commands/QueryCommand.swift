import ArgumentParser
import Hindsight

/// `query`: shows rows of a view.
struct QueryCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "query", abstract: "Show rows of a view.",
            discussion: """
                Conditions hold together. Rows that are equal in the order come in the order of the key. Where the version that this \
                program declares is not filled yet, the rows of the one before are shown, and it is said so; if they lack columns, \
                nothing is.

                --at-least takes the position of an event, as `events append --json` prints it, and waits until the view reflects it. The \
                position that the rows reflect is shown below them; with --json the result is {"position":…,"rows":[…]}.
                """)
    }

    @Argument(help: "The projection's name.", completion: NameCompletion<App>.views)
    var name: String

    @Option(
        help: "COLUMN=VALUE: only rows with this value; may be given several times.",
        completion: NameCompletion<App>.equalities, transform: ArgumentText.equality)
    var `where`: [TextualView.Equality] = []

    @Option(
        help: "COLUMN or COLUMN:desc: what to order by; may be given several times. Defaults to the key.",
        completion: NameCompletion<App>.orders, transform: ArgumentText.order)
    var order: [ColumnOrder] = []

    @Option(help: "At most so many rows, from 0. Defaults to all.")
    var limit: Int?

    @Option(help: "Wait until the rows reflect this position of the log, from 0.")
    var atLeast: Int64?

    @Option(help: "How long to wait for --at-least, such as 500ms, 5s or 2m.")
    var timeout = WaitingTime(.seconds(5))

    @Flag(
        help: "Write each column of a row on a line of its own, as is done anyway where rows do not fit the terminal.")
    var vertical = false

    @OptionGroup var options: RuntimeOptions

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit is not negative") }
        if let atLeast, atLeast < 0 { throw ValidationError("--at-least is not negative") }
        if vertical, options.json { throw ValidationError("--vertical and --json exclude each other") }
    }

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let rows = try await ViewRows(name, runtime)
            let writer = RowWriter(
                rows, format: options.json ? .json : .table, isVertical: vertical, output: runtime.output)
            let orders = order.isEmpty ? rows.keyOrder : order.map { ($0.column, $0.isDescending) }
            let freshness = atLeast.map { position in
                RowFreshness(position: position, timeout: timeout.duration) { writer.begin(at: $0) }
            }
            try await rows.forEach(where: self.where, order: orders, limit: limit, freshness: freshness) {
                try writer.append($0)
            }
            try writer.finish()
        }
    }
}
