import ArgumentParser
import Hindsight

/// `projections heal`: folds the row of a key anew.
struct ProjectionsHealCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "heal", abstract: "Fold the row of one key anew from the log, parked or not.",
            discussion: "The same as `projections rebuild NAME --key KEY`. If an event still fails, nothing changes.")
    }

    @Argument(help: "The projection's name.", completion: NameCompletion<App>.projections)
    var name: String

    @Option(help: "The key: one text for each key column, in declared order, each with its own --key.")
    var key: [String]

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let report = try await ProjectionRebuilder(runtime.context).rebuild(.key(key), of: name)
            try runtime.output.result(
                ["name": .string(name), "version": OutputValue(report.version), "offset": .integer(report.offset)],
                text:
                    "\(name): the row of key \(key.joined(separator: ", ")) was folded anew, up to position \(report.offset)"
            )
        }
    }
}
