import ArgumentParser
import Hindsight

/// `projections resume`: resumes a projection that was paused or has stopped.
struct ProjectionsResumeCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "resume", abstract: "Have a paused or stopped projection go on.",
            discussion: """
                A stopped one goes on at the event that stopped it. One whose setUp failed is set up; if that fails again, it says why \
                and stays stopped. It says whether a pause has ended, a stop, or both.
                """)
    }

    @Argument(help: "The projection's name.", completion: NameCompletion<App>.projections)
    var name: String

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let ended = try await runtime.administration.resume(name)
            try runtime.output.result(
                [
                    "name": .string(name), "resumed": .bool(ended.hasResumed), "was_stopped": .bool(ended.wasStopped),
                    "was_paused": .bool(ended.wasPaused),
                ],
                text: text(ended))
        }
    }

    private func text(_ ended: ProjectionResumption) -> String {
        switch (ended.wasStopped, ended.wasPaused) {
        case (true, true): "\(name) goes on: it had stopped, and was paused"
        case (true, false): "\(name) goes on: it had stopped"
        case (false, true): "\(name) goes on: it was paused"
        case (false, false): "\(name) had not stopped and was not paused"
        }
    }
}
