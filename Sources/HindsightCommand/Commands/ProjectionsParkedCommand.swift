import ArgumentParser
import Hindsight
import HindsightValues

/// `projections parked`: shows the keys whose rows lack events.
struct ProjectionsParkedCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "parked",
            abstract: "Show the keys whose rows lack events, because one of them could not be folded.",
            discussion: """
                POSITION, TYPE and STREAM are those of the event that could not be folded; the row is as it was before it. EVENTS is how \
                many events the row lacks. Once the fold or the data is mended, `projections retry` folds them, in order.
                """)
    }

    @Argument(help: "The projection's name.", completion: NameCompletion<App>.projections)
    var name: String

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let keys = try await runtime.administration.parked(name)
            guard !runtime.output.isJSON else {
                return try runtime.output.write(.array(keys.map(ParkedTable.fields)))
            }
            guard !keys.isEmpty else { return try runtime.output.write("nothing of \(name) is parked") }
            try ParkedTable.write(keys, of: name, runtime)
        }
    }
}
