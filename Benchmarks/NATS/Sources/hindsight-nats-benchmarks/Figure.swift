import ArgumentParser

/// A figure of the list that `Benchmarks/RESULTS.md` keeps.
enum Figure: String, CaseIterable, ExpressibleByArgument {
    case core
    case replay
    case request
    case publish
    case append
    case appendOnThree = "append-three"
    case memory

    /// How many servers it needs, as one cluster.
    var servers: Int {
        switch self {
        case .core, .replay, .request, .publish, .append, .memory: 1
        case .appendOnThree: 3
        }
    }

    func measure(_ server: BenchmarkServer, _ clients: Clients, pairs: Int) async throws -> [Report] {
        switch self {
        case .core: try await CoreBenchmark(url: server.url, clients: clients).measure(pairs: pairs)
        case .replay: try await ReplayBenchmark(url: server.url, clients: clients).measure(pairs: pairs)
        case .request: try await RequestBenchmark(url: server.url, clients: clients).measure(pairs: pairs)
        case .publish: try await PublishBenchmark(url: server.url, clients: clients).measure(pairs: pairs)
        case .append:
            try await AppendBenchmark(url: server.url, clients: clients, replicas: 1).measure(pairs: pairs)
        case .appendOnThree:
            try await AppendBenchmark(url: server.url, clients: clients, replicas: 3).measure(pairs: pairs)
        case .memory: try await MemoryBenchmark(url: server.url, clients: clients).measure()
        }
    }
}
