import ArgumentParser
import Hindsight

/// `projections list`: shows the status of each projection.
struct ProjectionsListCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "list", abstract: "Show how each projection is doing.",
            discussion: """
                HEAD is the highest position below which nothing can still appear; LAG is how many events a projection has yet to \
                apply, and how old the oldest of them is in seconds. A rebuild that is under way or waits to be continued has a line of \
                its own: OFFSET is how far it has read, APPLIED what it goes on from if it is interrupted.
                """)
    }

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let list = try await runtime.administration.list()
            let rebuilds = try await runtime.administration.rebuilds()
            guard runtime.output.isJSON else { return try StatusTable.write(list, rebuilds, to: runtime.output) }
            try runtime.output.write(.array(list.map(StatusTable.fields) + rebuilds.map(StatusTable.fields)))
        }
    }
}
