import ArgumentParser
import Hindsight

/// `database migrate`: brings the schema up to date.
struct DatabaseMigrateCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "migrate", abstract: "Create the schema, or bring it up to date.",
            discussion: "Any number of processes may do so at once: one migrates, the others wait for it.")
    }

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .leave) { runtime in
            let applied = try await runtime.migrator.migrate()
            try runtime.output.result(
                ["schema": .string(options.schema), "applied": .array(applied.map { .string($0) })],
                text: applied.isEmpty
                    ? "schema \"\(options.schema)\" is up to date"
                    : "schema \"\(options.schema)\": applied \(applied.joined(separator: ", "))")
        }
    }
}
