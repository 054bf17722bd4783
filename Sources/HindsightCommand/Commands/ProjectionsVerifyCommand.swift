import ArgumentParser
import Hindsight

/// `projections verify`: compares the applied events with the log.
struct ProjectionsVerifyCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "verify", abstract: "Hold against the log which events projections have applied.",
            discussion: """
                PROOF is proven where the events that a projection has applied up to its offset are those that the log holds of its \
                types there, each once; differs where they are not, and the status is then 1; unknown where nothing can be said, with \
                what to do about it. It is about the version that is shown, and takes nothing away from an engine that is at work. \
                Whether the rows are what their events make of them, `projections rebuild --verify` finds out.
                """)
    }

    @Argument(help: "The projections' names. Defaults to all.", completion: NameCompletion<App>.projections)
    var names: [String] = []

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let proofs = try await runtime.administration.verify(names)
            try ProofTable.write(proofs, app: runtime.name, to: runtime.output)
            try runtime.output.flush()
            let differing = proofs.compactMap { ProofTable.difference($0, app: runtime.name) }
            guard differing.isEmpty else { throw CommandError(differing.joined(separator: "; ")) }
        }
    }
}
