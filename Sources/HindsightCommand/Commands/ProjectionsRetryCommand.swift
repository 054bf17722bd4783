import ArgumentParser
import Hindsight

/// `projections retry`: folds on the rows of parked keys.
struct ProjectionsRetryCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "retry",
            abstract: "Fold the events that parked keys lack, once the fold or the data is mended.",
            discussion: """
                The events are folded onto the rows as they stand, in order, and the rows exchanged in one transaction. A key whose event \
                fails again remains parked, at that event. The status is 1 if any remains.
                """)
    }

    @Argument(help: "The projection's name.", completion: NameCompletion<App>.projections)
    var name: String

    @Option(
        help:
            "Only this key: one text for each key column, in declared order, each with its own --key. All parked keys by default."
    )
    var key: [String] = []

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let report = try await ProjectionRebuilder(runtime.context).retry(name, key: key.isEmpty ? nil : key)
            let count = report.remaining.count
            let healed =
                report.healed == 0 && count == 0
                ? "nothing of \(name) is parked"
                : "\(name): \(report.healed) \(report.healed == 1 ? "key has" : "keys have") all events now"
            try runtime.output.result(
                [
                    "name": .string(name), "version": OutputValue(report.version), "healed": OutputValue(report.healed),
                    "remaining": .array(report.remaining.map(ParkedTable.fields)),
                ], text: healed)
            guard count > 0 else { return }
            if !runtime.output.isJSON { try ParkedTable.write(report.remaining, of: name, runtime) }
            try runtime.output.flush()
            throw CommandError(
                "of projection \"\(name)\" \(count) \(count == 1 ? "key remains" : "keys remain") parked")
        }
    }
}
