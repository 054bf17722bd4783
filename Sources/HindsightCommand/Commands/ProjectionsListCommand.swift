import ArgumentParser
import Hindsight

/// `projections list`: how each projection is doing.
struct ProjectionsListCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "list", abstract: "Show how each projection is doing.",
            discussion: """
                HEAD is the highest position below which nothing can still appear; LAG is how many events a projection has yet to \
                apply, and how old the oldest of them is in seconds.
                """)
    }

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let list = try await runtime.administration.list()
            guard runtime.output.isJSON else { return try StatusTable.write(list, to: runtime.output) }
            try runtime.output.write(.array(list.map(StatusTable.fields)))
        }
    }
}
