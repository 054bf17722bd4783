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
                What was counted is kept, and the next call counts only what has come since; --recount begins anew.

                That says which events were applied, not that the rows are right. --rows folds them from nothing, compares them with those \
                that are shown, and drops them again: as long as a rebuild takes. Differences are shown, and the status is 1.

                """)
    }

    @Argument(help: "The projections' names. Defaults to all.", completion: NameCompletion<App>.projections)
    var names: [String] = []

    @Flag(help: "Count the log from the beginning, also what an earlier proof has counted.")
    var recount = false

    @Flag(help: "Compare the rows with a fold from nothing as well; views only.")
    var rows = false

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            if rows { return try await compareRows(runtime) }
            let proofs = try await runtime.administration.verify(names, countingAgain: recount)
            try ProofTable.write(proofs, app: runtime.name, to: runtime.output)
            try runtime.output.flush()
            let differing = proofs.compactMap { ProofTable.difference($0, app: runtime.name) }
            guard differing.isEmpty else { throw CommandError(differing.joined(separator: "; ")) }
        }
    }

    private func compareRows(_ runtime: AppRuntime) async throws {
        var chosen = names
        if names.isEmpty {
            for projection in runtime.projections.definitions
            where projection.isView && !chosen.contains(projection.name) {
                chosen.append(projection.name)
            }
        }
        let compared = chosen
        let progress = RebuildProgress(runtime.output)
        defer { progress.finish() }
        let reports = try await ProjectionRebuilder(runtime.context).compareRows(of: compared) { statuses in
            progress.update(statuses)
        }
        progress.finish()
        for report in reports { try RebuildReportPrinter.writeComparison(report, to: runtime.output) }
        try runtime.output.flush()
        let uncompared = reports.filter { $0.comparison == nil }.map(\.name)
        let differing = reports.filter { $0.comparison.map { !$0.isEqual || !$0.retypedColumns.isEmpty } ?? false }.map(
            \.name)
        guard uncompared.isEmpty || !differing.isEmpty else {
            throw CommandError(
                "the rows of \(uncompared.joined(separator: ", ")) were not compared: nothing is shown, their key is another one, or another process has rebuilt them meanwhile"
            )
        }
        guard differing.isEmpty else {
            throw CommandError(
                """
                the rows of \(differing.joined(separator: ", ")) are not what these folds make of the events: a fold was changed \
                without a new version, or somebody has changed rows. `\(runtime.name) projections rebuild \(differing.joined(separator: " "))` \
                folds them anew
                """)
        }
    }
}
