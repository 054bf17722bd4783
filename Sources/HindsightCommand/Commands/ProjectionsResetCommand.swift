import ArgumentParser
import Hindsight

/// `projections reset`: starts a projection from the beginning.
struct ProjectionsResetCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "reset", abstract: "Empty a projection's view and fold the log from the beginning.",
            discussion: "An engine that works on it starts over; readers see the view fill again.")
    }

    @Argument(help: "The projection's name.", completion: NameCompletion<App>.projections)
    var name: String

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            try await runtime.administration.reset(name)
            try runtime.output.result(
                ["name": .string(name), "reset": .bool(true)], text: "\(name) starts from the beginning")
        }
    }
}
