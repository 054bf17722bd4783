import Hindsight
import HindsightJetStream
import HindsightNATS
import HindsightPostgres

/// Projecting the orders into `order_summary` from a log on JetStream, against the same from PostgreSQL's. Offsets and views are in the
/// same PostgreSQL server in both cases.
struct StreamCatchUpBenchmark {
    let url: String
    let server: BenchmarkServer
    let file: String
    private let projections: [any Projection] = [OrderSummary.projection]

    func measure(pairs: Int) async throws -> [Report] {
        try await prepare()
        var measured: [Pair] = []
        for _ in 0..<pairs {
            let load = Pair.systemLoad()
            let streamed = try await fromStream()
            let baseline = try await server.withLog(database: "table", keep: true) { log, pool in
                try await CatchUp(server: server, log: log, pool: pool).measure(projections)
            }
            guard streamed.events == baseline.events else {
                throw BenchmarkError(
                    "\(streamed.events) events of the stream were applied, and \(baseline.events) of the table")
            }
            measured.append(
                Pair(
                    Double(streamed.events) / streamed.seconds, Double(baseline.events) / baseline.seconds, load: load))
        }
        return [
            Report(
                name: "catch-up of order_summary", unit: "events/s", pairs: measured,
                baselineName: "the same from PostgreSQL's log", goal: .atLeast(0.5))
        ]
    }

    private var address: String { "\(url)/SHOP" }

    private func prepare() async throws {
        for (database, log) in [("table", nil), ("stream", address)] {
            try await server.createDatabase(database)
            _ = try await ShopChild.run(["events", "import", file], conninfo: server.conninfo(database), log: log)
        }
        // The server does this by itself a minute after a load; it need not fall into a measurement.
        try await server.withLog(database: "table", keep: true) { _, pool in
            try await pool.withSession { session in try session.script("vacuum analyze hindsight.events") }
        }
    }

    private func fromStream() async throws -> (events: Int64, seconds: Double) {
        try await server.withLog(database: "stream", keep: true) { _, pool in
            try await withBenchmarkClient(url) { client in
                let stream = JetStreamEventLog(client, stream: "SHOP", logger: benchmarkLogger)
                return try await withRunning(stream) { log in
                    try await CatchUp(server: server, log: log, pool: pool).measure(projections)
                }
            }
        }
    }
}
