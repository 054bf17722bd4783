import ArgumentParser
import Hindsight

/// `database migrate`: brings the schema up to date.
struct DatabaseMigrateCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "migrate", abstract: "Create the schema, or bring it up to date.",
            discussion: """
                Where the log is in a stream, that is created too if it is missing: with three replicas on a cluster, one on a server alone. \
                A stream whose settings could lose events is refused.

                Any number of processes may do so at once: one migrates, the others wait for it. A migration that would make appends \
                wait, because somebody uses its table without an end, is left to the next call, and said.
                """)
    }

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .leave) { runtime in
            switch runtime.logChoice {
            case .database: break
            case .stream: try await runtime.log.prepare()
            }
            let applied = try await runtime.migrator.migrate()
            let left = try await runtime.migrator.status().filter { !$0.isApplied }.map(\.name)
            try runtime.output.result(
                [
                    "schema": .string(options.schema), "applied": .array(applied.map { .string($0) }),
                    "left": .array(left.map { .string($0) }),
                ],
                text: applied.isEmpty
                    ? "schema \"\(options.schema)\" is \(left.isEmpty ? "up to date" : "as it was")"
                    : "schema \"\(options.schema)\": applied \(applied.joined(separator: ", "))")
            guard !left.isEmpty else { return }
            runtime.output.note(
                """
                \(left.joined(separator: ", ")) did not get its table, which somebody else uses, is run by somebody else, or is not allowed to this role: the \
                program works without it; run this again when the table is free
                """)
        }
    }
}
