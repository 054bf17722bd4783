import Foundation
import Hindsight
import HindsightPostgres

/// From the return of an append to the answer of a query at least at its position, by the pool of the engine and by another one as
/// another process has it, against a busy loop that looks for the row.
struct FreshReadBenchmark {
    let server: BenchmarkServer
    private let appends = 250

    private struct Round {
        var visible: [Double] = []
        var near: [Double] = []
        var far: [Double] = []
        var load = Pair.systemLoad()
    }

    init(server: BenchmarkServer) {
        self.server = server
    }

    func measure(pairs: Int) async throws -> [Report] {
        try await server.withLog(database: "fresh") { log, pool in
            let context = ProjectionContext(
                log: log, database: pool.configuration, pool: pool, projections: [OrderSummary.projection],
                logger: BenchmarkServer.logger)
            let other = PostgresPool(configuration: pool.configuration, logger: BenchmarkServer.logger)
            let (near, far) = (Views(pool: pool), Views(pool: other))
            let observer = try await PostgresConnection.connect(pool.configuration, logger: BenchmarkServer.logger)
            let engine = ProjectionEngine(context)
            try await engine.prepare()
            let rounds = try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await engine.run() }
                tasks.addTask { try await far.run() }
                _ = try await round(log, observer, near, far)  // warms up
                var rounds: [Round] = []
                for _ in 0..<pairs { rounds.append(try await round(log, observer, near, far)) }
                tasks.cancelAll()
                return rounds
            }
            await observer.close()
            await other.close()
            return [("in one process", \Round.near, 1.1), ("across two", \Round.far, 1.3)].flatMap {
                place, samples, goal in
                [(0.5, "p50"), (0.99, "p99")].map { share, name in
                    Report(
                        name: "append to fresh read \(place), \(name)", unit: "ms",
                        pairs: rounds.map {
                            Pair(percentile($0[keyPath: samples], share), percentile($0.visible, share), load: $0.load)
                        },
                        baselineName: "append to visible, \(name)", goal: .atMost(goal))
                }
            }
        }
    }

    /// The three ways take turns.
    private func round(
        _ log: PostgresEventLog, _ observer: PostgresConnection, _ near: Views, _ far: Views
    ) async throws -> Round {
        var round = Round()
        for _ in 0..<appends {
            let (seen, start) = try await append(to: log)
            try await observer.withSession { session in
                while try session.query("select from order_summary where order_id = \(seen.order)").isEmpty {
                    usleep(100)
                }
            }
            round.visible.append((ContinuousClock.now - start).seconds * 1_000)
            round.near.append(try await read(near, log))
            round.far.append(try await read(far, log))
        }
        return round
    }

    private func read(_ views: Views, _ log: PostgresEventLog) async throws -> Double {
        let (placed, start) = try await append(to: log)
        let reading = try await views.row(OrderSummary.self, placed.order, atLeast: placed.position)
        let elapsed = (ContinuousClock.now - start).seconds * 1_000
        guard reading.value != nil else { throw StaleRead(position: placed.position) }
        return elapsed
    }

    private struct StaleRead: Error {
        let position: Int64
    }

    private func append(
        to log: PostgresEventLog
    ) async throws -> (placed: (order: String, position: Int64), returned: ContinuousClock.Instant) {
        try await Task.sleep(for: .milliseconds(10))
        let event = NewEvent(type: "OrderLinePlaced", data: AppendBenchmark.data)
        let order = event.id.uuidString
        let result = try await log.append(event, to: StreamName(category: "order", id: order))
        return ((order, result.position), .now)
    }
}
