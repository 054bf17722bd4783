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
    case catchUp = "catch-up"
    case failover

    func measure(_ setting: Setting, pairs: Int) async throws -> [Report] {
        switch self {
        case .core: try await setting.withServer { try await CoreBenchmark(url: $0, clients: $1).measure(pairs: pairs) }
        case .replay:
            try await setting.withServer { try await ReplayBenchmark(url: $0, clients: $1).measure(pairs: pairs) }
        case .request:
            try await setting.withServer { try await RequestBenchmark(url: $0, clients: $1).measure(pairs: pairs) }
        case .publish:
            try await setting.withServer { try await PublishBenchmark(url: $0, clients: $1).measure(pairs: pairs) }
        case .append:
            try await setting.withServer {
                try await AppendBenchmark(url: $0, clients: $1, replicas: 1).measure(pairs: pairs)
            }
        case .appendOnThree:
            try await setting.withServer(of: 3) {
                try await AppendBenchmark(url: $0, clients: $1, replicas: 3).measure(pairs: pairs)
            }
        case .memory: try await setting.withServer { try await MemoryBenchmark(url: $0, clients: $1).measure() }
        case .catchUp:
            try await setting.withServer { url, _ in
                try await BenchmarkServer.withServer { server in
                    var data = try BenchmarkData(orders: setting.orders, server: server)
                    let file = try await data.file()
                    return try await StreamCatchUpBenchmark(url: url, server: server, file: file).measure(pairs: pairs)
                }
            }
        case .failover: try await FailoverBenchmark(program: setting.program).measure(pairs: pairs)
        }
    }
}
