import ArgumentParser

/// Prints each figure beside its baseline from the same run.
@main
struct NATSBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hindsight-nats-benchmarks",
        abstract: "Measure the client of NATS and the log on it against libnats, in pairs of the same run.",
        subcommands: [Run.self, WorkChild.self, ShopChild.self],
        defaultSubcommand: Run.self)
}

/// Measures some figures, or all of them.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Measure figures; without names all of them.")

    @Argument(help: "Which figures: \(Figure.allCases.map(\.rawValue).joined(separator: ", ")).")
    var figures: [Figure] = Figure.allCases

    @Option(help: "How many pairs of figure and baseline; 5 or more for a result worth keeping.")
    var pairs = 5

    @Option(help: "The program to compare with, as scripts/bench builds it from Benchmarks/NATS/Baseline.")
    var baseline: String

    @Option(help: "The nats-server to measure with, 2.15 or later.")
    var server: String

    @Option(help: "The real orders, events.jsonl.gz; without it those beside the project, or simulated ones.")
    var orders: String?

    func validate() throws {
        guard pairs >= 1 else { throw ValidationError("--pairs is 1 or more") }
    }

    func run() async throws {
        let setting = Setting(program: server, clients: try Clients(libnats: baseline), orders: orders)
        Report.header()
        for figure in figures {
            for line in try await figure.measure(setting, pairs: pairs) { line.print() }
        }
    }
}
