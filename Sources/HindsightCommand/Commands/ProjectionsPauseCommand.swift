import ArgumentParser
import Hindsight

/// `projections pause`: has nobody keep a projection up to date.
struct ProjectionsPauseCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "pause", abstract: "Have nobody keep a projection up to date until it is resumed.",
            discussion: """
                The process that works on it gives it up after the batch in progress. Its view stays as it is and can be read. The pause \
                holds for all versions and outlives processes, deployments, resets and swaps; a rebuild goes on.
                """)
    }

    @Argument(help: "The projection's name.", completion: NameCompletion<App>.projections)
    var name: String

    @Option(help: "Why, for those who look at it later.")
    var reason: String?

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let isNew = try await runtime.administration.pause(name, reason: reason)
            try runtime.output.result(
                ["name": .string(name), "paused": .bool(true), "was_paused": .bool(!isNew)],
                text: isNew ? "\(name) is paused" : "\(name) was paused already")
        }
    }
}
