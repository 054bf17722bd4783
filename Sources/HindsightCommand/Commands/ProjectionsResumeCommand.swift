import ArgumentParser
import Hindsight

/// `projections resume`: resumes a stopped projection.
struct ProjectionsResumeCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "resume", abstract: "Have a stopped projection go on at the event that stopped it.",
            discussion: "One whose setUp failed is set up; if that fails again, it says why and stays stopped.")
    }

    @Argument(help: "The projection's name.", completion: NameCompletion<App>.projections)
    var name: String

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let resumed = try await runtime.administration.resume(name)
            try runtime.output.result(
                ["name": .string(name), "resumed": .bool(resumed)],
                text: resumed ? "\(name) goes on" : "\(name) had not stopped")
        }
    }
}
