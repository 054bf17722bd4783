import ArgumentParser
import Hindsight

/// `projections rollback`: goes back to the rows that were shown before.
struct ProjectionsRollbackCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "rollback", abstract: "Show what was shown before the last swap.",
            discussion: """
                A rebuild with --keep-old keeps what it replaces. Called again, it goes forward again. A process that declares the \
                version keeps it up to date; how far it has come is said.
                """)
    }

    @Argument(help: "The projection's name.", completion: NameCompletion<App>.views)
    var name: String

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let version = try await runtime.administration.rollBack(name)
            try runtime.output.result(
                [
                    "name": .string(name), "version": OutputValue(version.version), "offset": .integer(version.offset),
                    "lag": .integer(version.lag),
                ],
                text: """
                    \(name) shows version \(version.version) at position \(version.offset)\
                    \(version.lag > 0 ? ", \(Table.grouped(version.lag)) behind the log" : "")
                    """)
        }
    }
}
