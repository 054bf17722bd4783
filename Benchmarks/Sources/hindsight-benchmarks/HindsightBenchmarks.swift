import ArgumentParser

/// Prints each figure beside its baseline from the same run.
@main
struct HindsightBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hindsight-benchmarks",
        abstract: "Measure figures against their baselines, in pairs of the same run.",
        subcommands: [Run.self, CatchUpChild.self, RebuildChild.self, ShopChild.self, TakeoverNode.self],
        defaultSubcommand: Run.self)
}

/// Measures some figures, or all of them.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Measure figures; without names all of them.")

    @Argument(help: "Which figures: \(Figure.allCases.map(\.rawValue).joined(separator: ", ")).")
    var figures: [Figure] = Figure.allCases

    @Option(help: "How many pairs of figure and baseline; 5 or more for a result worth keeping.")
    var pairs = 5

    @Option(help: "The real orders, events.jsonl.gz; without it orders are simulated.")
    var orders: String?

    func validate() throws {
        guard pairs >= 1 else { throw ValidationError("--pairs is 1 or more") }
    }

    func run() async throws {
        try await BenchmarkServer.withServer { server in
            var data = try BenchmarkData(orders: orders, server: server)
            Report.header()
            for figure in Figure.expand(figures) {
                for line in try await figure.measure(server, &data, pairs: pairs) { line.print() }
            }
        }
    }
}

/// A figure of the list that `Benchmarks/RESULTS.md` keeps.
enum Figure: String, CaseIterable, ExpressibleByArgument {
    case appendOne = "append-one"
    case appendMany = "append-32"
    case decode
    case importOrders = "import"
    case catchUp = "catch-up"
    case catchUpAll = "catch-up-all"
    case latency
    /// The eight that follow.
    case trust
    case parking
    case freshReads = "fresh-reads"
    case waitingReaders = "waiting-readers"
    case takeover
    case rowHistory = "row-history"
    case staleReads = "stale-reads"
    case keysInFlight = "keys-in-flight"
    case traced
    case memory
    /// All that begin with "rebuild".
    case rebuild
    case rebuildEach = "rebuild-each"
    case rebuildBinary = "rebuild-jsonb"
    case rebuildAll = "rebuild-all"
    case rebuildScale = "rebuild-scale"
    case rebuildThrottle = "rebuild-throttle"
    case rebuildOthers = "rebuild-others"

    private static let rebuilds: [Figure] = [
        .rebuildEach, .rebuildBinary, .rebuildAll, .rebuildScale, .rebuildThrottle, .rebuildOthers,
    ]

    private static let promises: [Figure] = [
        .parking, .freshReads, .waitingReaders, .takeover, .rowHistory, .staleReads, .keysInFlight, .traced,
    ]

    /// The figures that names stand for, each once.
    static func expand(_ figures: [Figure]) -> [Figure] {
        var expanded: [Figure] = []
        let each = figures.flatMap { $0 == .rebuild ? rebuilds : $0 == .trust ? promises : [$0] }
        for figure in each where !expanded.contains(figure) {
            expanded.append(figure)
        }
        return expanded
    }

    func measure(_ server: BenchmarkServer, _ data: inout BenchmarkData, pairs: Int) async throws -> [Report] {
        switch self {
        case .appendOne: try await AppendBenchmark(server: server, clients: 1).measure(pairs: pairs)
        case .appendMany: try await AppendBenchmark(server: server, clients: 32).measure(pairs: pairs)
        case .decode: try DecodeBenchmark(payloads: try await data.payloads()).measure(pairs: pairs)
        case .importOrders: try await ImportBenchmark(server: server, file: try await data.file()).measure(pairs: pairs)
        case .catchUp: try await CatchUpBenchmark(server: server, file: try await data.file()).measureOne(pairs: pairs)
        case .catchUpAll:
            try await CatchUpBenchmark(server: server, file: try await data.file()).measureAll(pairs: pairs)
        case .latency: try await LatencyBenchmark(server: server).measure(pairs: pairs)
        case .trust: []
        case .freshReads: try await FreshReadBenchmark(server: server).measure(pairs: pairs)
        case .takeover: try await TakeoverBenchmark(server: server).measure()
        case .rowHistory: try await RowHistoryBenchmark(server: server).measure(pairs: pairs)
        case .staleReads: try await StaleReadBenchmark(server: server).measure(pairs: pairs)
        case .waitingReaders:
            try await WaitingReadersBenchmark(server: server, file: try await data.file()).measure(pairs: pairs)
        case .keysInFlight:
            try await KeysInFlightBenchmark(server: server, file: try await data.file()).measure(pairs: pairs)
        case .traced: try await TracedBenchmark(server: server, file: try await data.file()).measure(pairs: pairs)
        case .parking:
            try await ParkingBenchmark(server: server, file: try await data.file()).measure(pairs: pairs)
        case .memory: try await MemoryBenchmark(server: server).measure()
        case .rebuild: []
        case .rebuildEach:
            try await RebuildBenchmark(server: server, file: try await data.file()).measureEach(pairs: pairs)
        case .rebuildBinary:
            try await RebuildBenchmark(server: server, file: try await data.file()).measureBinary(pairs: pairs)
        case .rebuildAll:
            try await RebuildBenchmark(server: server, file: try await data.file()).measureAll(pairs: pairs)
        case .rebuildScale: try await RebuildScaleBenchmark(server: server).measure(pairs: pairs)
        case .rebuildThrottle:
            try await RebuildThrottleBenchmark(server: server, file: try await data.file()).measure(pairs: pairs)
        case .rebuildOthers:
            try await RebuildBenchmark(server: server, file: try await data.file()).measureOthers(pairs: pairs)
        }
    }
}
