import ArgumentParser
import Hindsight

/// `projections why`: says what a projection waits for.
struct ProjectionsWhyCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "why",
            abstract: "Say what a projection waits for, how that is known, and what to do about it.",
            discussion: """
                It only reads, and waits for no lock. What this role may not see of other sessions is said to be hidden: a member of \
                pg_read_all_stats sees all. The status is 0 whatever the answer is, and 1 if there is none, because the database cannot \
                be reached.
                """)
    }

    @Argument(help: "The projection's name.", completion: NameCompletion<App>.projections)
    var name: String

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        do {
            try await App.withRuntime(options, schema: .require) { runtime in
                let diagnosis = try await runtime.administration.diagnose(name)
                try DiagnosisPrinter.write(diagnosis, app: runtime.name, to: runtime.output)
            }
        } catch let error as UnreachableDatabase {
            let definition = try App.projections.definitions.newest(named: name)
            let output = CommandOutput(program: App.name, isJSON: options.json)
            try DiagnosisPrinter.write(
                .unreachable(name, version: definition.version, "\(error)"), app: App.name, to: output)
            throw ExitCode.failure
        }
    }
}
