import ArgumentParser
import Hindsight

/// `projections list`: shows the status of each projection.
struct ProjectionsListCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "list", abstract: "Show how each projection is doing.",
            discussion: """
                HEAD is the highest position below which nothing can still appear; LAG is how many events a projection has yet to \
                apply, and how old the oldest of them is in seconds. One that is paused has a line below the table that says who did it, when \
                and why; one that has stopped as well is shown as stopped. A rebuild that is not complete has a line of its own: OFFSET is how \
                far it has read, HEAD how far it reads, APPLIED what it goes on from. It is rebuilding while a process is at work on it, \
                verified when it waits to be shown, stopped at an event, or abandoned: its process has ended, and below the table stands \
                how long ago, how to go on and how to give it up. Columns with nothing in them, and those for which a line has no room, \
                are left out; --json has all of them.
                """)
    }

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let list = try await runtime.administration.list()
            let rebuilds = try await runtime.administration.rebuilds()
            guard runtime.output.isJSON else { return try StatusTable.write(list, rebuilds, runtime) }
            try runtime.output.write(.array(list.map(StatusTable.fields) + rebuilds.map(StatusTable.fields)))
        }
    }
}
