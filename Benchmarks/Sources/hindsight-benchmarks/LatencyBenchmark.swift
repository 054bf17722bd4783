import Foundation
import Hindsight
import HindsightPostgres

/// From the return of an append to the row being visible in the view, at 50 appends a second, against one durable commit.
struct LatencyBenchmark {
    let server: BenchmarkServer
    private let appends = 250

    init(server: BenchmarkServer) {
        self.server = server
    }

    func measure(pairs: Int) async throws -> [Report] {
        try await server.withLog(database: "latency") { log, pool in
            try await pool.withSession { session in try session.script("create table plain (id bigint)") }
            let engine = ProjectionEngine(
                ProjectionContext(
                    log: log, database: pool.configuration, pool: pool, projections: [OrderSummary.projection],
                    logger: BenchmarkServer.logger))
            let observer = try await PostgresConnection.connect(pool.configuration, logger: BenchmarkServer.logger)
            try await engine.prepare()
            let samples = try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await engine.run() }
                _ = try await round(log, observer)  // warms up
                var samples: [(visible: [Double], commit: [Double], load: Double)] = []
                for _ in 0..<pairs {
                    let load = Pair.systemLoad()
                    let (visible, commit) = try await round(log, observer)
                    samples.append((visible, commit, load))
                }
                tasks.cancelAll()
                return samples
            }
            await observer.close()
            return [(0.5, "p50", 2.5), (0.99, "p99", 2.4)].map { share, name, goal in
                Report(
                    name: "append to visible, \(name)", unit: "ms",
                    pairs: samples.map {
                        Pair(percentile($0.visible, share), percentile($0.commit, share), load: $0.load)
                    },
                    baselineName: "one durable commit, \(name)", goal: .atMost(goal))
            }
        }
    }

    private func round(
        _ log: PostgresEventLog, _ observer: PostgresConnection
    ) async throws -> (visible: [Double], commit: [Double]) {
        var visible: [Double] = []
        var commit: [Double] = []
        for _ in 0..<appends {
            try await Task.sleep(for: .milliseconds(10))
            let start = ContinuousClock.now
            try await observer.withSession { session in _ = try session.execute("insert into plain values (1)") }
            commit.append((ContinuousClock.now - start).seconds * 1_000)
            try await Task.sleep(for: .milliseconds(10))
            let event = NewEvent(type: "OrderLinePlaced", data: AppendBenchmark.data)
            let order = event.id.uuidString
            try await log.append(event, to: StreamName(category: "order", id: order))
            let appended = ContinuousClock.now
            try await observer.withSession { session in
                // A reader that looks ten thousand times a second; one without a pause would take a core from the engine.
                while try session.query("select from order_summary where order_id = \(order)").isEmpty { usleep(100) }
            }
            visible.append((ContinuousClock.now - appended).seconds * 1_000)
        }
        return (visible, commit)
    }
}
