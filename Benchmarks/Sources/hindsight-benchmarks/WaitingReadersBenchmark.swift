import Foundation
import Hindsight
import HindsightPostgres

/// Projecting the orders while a thousand readers wait, for what comes after the head or each for another event, against the same
/// without any.
struct WaitingReadersBenchmark {
    let server: BenchmarkServer
    let file: String
    private let database = "waiting"
    private let readers = 1_000

    func measure(pairs: Int) async throws -> [Report] {
        try await server.createDatabase(database)
        _ = try await ShopChild.run(["events", "import", file], conninfo: server.conninfo(database))
        var (waiting, answered): ([Pair], [Pair]) = ([], [])
        try await server.withLog(database: database, keep: true) { log, pool in
            try await pool.withSession { session in try session.script("vacuum analyze hindsight.events") }
            // The first one makes the view.
            _ = try await rate(log, pool, readers: 0, areAnswered: false)
            for _ in 0..<pairs {
                let load = Pair.systemLoad()
                let plain = try await rate(log, pool, readers: 0, areAnswered: false)
                waiting.append(Pair(try await rate(log, pool, readers: readers, areAnswered: false), plain, load: load))
                answered.append(Pair(try await rate(log, pool, readers: readers, areAnswered: true), plain, load: load))
            }
        }
        return [
            Report(
                name: "catch-up with 1,000 readers waiting", unit: "events/s", pairs: waiting,
                baselineName: "without readers", goal: .atLeast(0.95)),
            Report(
                name: "catch-up that answers 1,000 readers", unit: "events/s", pairs: answered,
                baselineName: "without readers", goal: .atLeast(0.95)),
        ]
    }

    private func rate(_ log: PostgresEventLog, _ pool: PostgresPool, readers: Int, areAnswered: Bool) async throws
        -> Double
    {
        var configuration = EngineConfiguration()
        configuration.replayThreshold = .max
        let context = ProjectionContext(
            log: log, database: pool.configuration, pool: pool, projections: [OrderSummary.projection],
            configuration: configuration, logger: BenchmarkServer.logger)
        let administration = ProjectionAdministration(context)
        try await administration.reset(OrderSummary.projection.name)
        try await server.checkpoint()
        let head = try await log.frontier().position
        let views = Views(pool: pool)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<readers {
                // What comes after the last event is waited for as long as this is measured.
                let position = areAnswered ? head * Int64(number + 1) / Int64(readers) : head + 1
                tasks.addTask {
                    _ = try await views.row(OrderSummary.self, "\(number)", atLeast: position, timeout: .seconds(600))
                }
            }
            // All of them have looked once.
            if readers > 0 { try await Task.sleep(for: .seconds(3)) }
            let start = ContinuousClock.now
            try await ProjectionEngine(context).runUntilCaughtUp()
            let elapsed = (ContinuousClock.now - start).seconds
            tasks.cancelAll()
            return Double(try await administration.list()[0].eventsApplied) / elapsed
        }
    }
}
