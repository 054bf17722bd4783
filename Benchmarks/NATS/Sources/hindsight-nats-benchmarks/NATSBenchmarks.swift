import ArgumentParser

/// Prints each figure beside its baseline from the same run.
@main
struct NATSBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hindsight-nats-benchmarks",
        abstract: "Measure the client of NATS and the log on it against libnats, in pairs of the same run.",
        subcommands: [Run.self, WorkChild.self],
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

    func validate() throws {
        guard pairs >= 1 else { throw ValidationError("--pairs is 1 or more") }
    }

    func run() async throws {
        let clients = try Clients(libnats: baseline)
        Report.header()
        for figure in figures {
            // Servers of its own for each figure: none pays for what another one has stored.
            try await BenchmarkServer.withServers(figure.servers, program: server) { servers in
                for line in try await figure.measure(servers[0], clients, pairs: pairs) { line.print() }
            }
        }
    }
}
