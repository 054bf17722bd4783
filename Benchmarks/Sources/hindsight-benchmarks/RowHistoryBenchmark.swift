import Foundation
import Hindsight
import HindsightPostgres

/// Why a row looks so: one with 1,000 events, keyed by its stream, in a log of 5,000,000.
struct RowHistoryBenchmark {
    let server: BenchmarkServer
    private let events = 5_000_000
    private let steps = 1_000
    /// The longest that is wanted.
    private let milliseconds = 100.0

    func measure(pairs: Int) async throws -> [Report] {
        let database = try await SimulatedLog.prepare(events: events, on: server)
        let pool = PostgresPool(
            configuration: PostgresConfiguration(server.conninfo(database)), logger: BenchmarkServer.logger)
        let samples = try await withRunning(PostgresEventLog(pool: pool, logger: BenchmarkServer.logger)) { log in
            let event = { NewEvent(type: "OrderLinePlaced", data: AppendBenchmark.data) }
            let stream = StreamName(category: "order", id: "asked-for")
            // With others in between, so that its rows are on many pages.
            for number in 0..<steps {
                try await log.append(event(), to: stream)
                try await log.append(
                    (0..<9).map { _ in event() }, to: StreamName(category: "order", id: "other-\(number)"))
            }
            let context = ProjectionContext(
                log: log, pool: pool, projections: [OrderSummary.projection], logger: BenchmarkServer.logger)
            try await ProjectionEngine(context).runUntilCaughtUp()
            let administration = ProjectionAdministration(context)
            var samples: [Pair] = []
            for _ in 0..<(4 * pairs) {
                let load = Pair.systemLoad()
                let start = ContinuousClock.now
                let why = try await administration.explain("order_summary", key: [stream.id], limit: steps)
                let elapsed = (ContinuousClock.now - start).seconds * 1_000
                guard why.steps.count == steps else {
                    throw BenchmarkError("the row has \(why.steps.count) steps in place of \(steps)")
                }
                samples.append(Pair(elapsed, milliseconds, load: load))
            }
            return samples
        }
        await pool.close()
        try await server.dropDatabase(database)
        return [
            Report(
                name: "why of a row, 1,000 of 5,000,000", unit: "ms", pairs: samples,
                baselineName: "the longest wanted",
                goal: .atMost(1))
        ]
    }
}
