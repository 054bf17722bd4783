import Foundation
import Hindsight
import HindsightPostgres

/// What it costs to note the events of each row, and what it spares whoever asks why a row looks so.
struct TracedBenchmark {
    let server: BenchmarkServer
    let file: String
    private let database = "traced"

    func measure(pairs: Int) async throws -> [Report] {
        try await server.createDatabase(database, importing: file)
        return [
            try await compare(OrderSummary.projection, pairs),
            try await compare(ProductSales.projection, pairs),
            try await explain(pairs),
        ]
    }

    private func compare<Row: ViewRow>(_ projection: ViewProjection<Row>, _ pairs: Int) async throws -> Report {
        var measured: [Pair] = []
        for _ in 0..<pairs {
            let load = Pair.systemLoad()
            let plain = try await rate(projection)
            measured.append(Pair(try await rate(projection.traced()), plain, load: load))
        }
        return Report(
            name: "catch-up of \(projection.name), traced", unit: "events/s", pairs: measured,
            baselineName: "not traced", goal: .atLeast(0.5))
    }

    private func rate(_ projection: any Projection) async throws -> Double {
        try await withContext(projection) { context in
            let administration = ProjectionAdministration(context)
            for status in try await administration.list() { try await administration.reset(status.name) }
            try await server.checkpoint()
            let start = ContinuousClock.now
            try await ProjectionEngine(context).runUntilCaughtUp()
            return Double(try await administration.list()[0].eventsApplied) / (ContinuousClock.now - start).seconds
        }
    }

    /// The time to explain the row of the product with the most lines.
    private func explain(_ pairs: Int) async throws -> Report {
        let traced = ProductSales.projection.traced()
        let key = try await withContext(traced) { context in
            try await ProjectionEngine(context).runUntilCaughtUp()
            let rows = try await Views(pool: context.pool).fetch(
                ViewQuery<ProductSales>().order(by: \.lines, .descending).limit(1))
            return rows[0].sku
        }
        func seconds(_ projection: any Projection) async throws -> Double {
            try await withContext(projection) { context in
                let administration = ProjectionAdministration(context)
                let start = ContinuousClock.now
                let why = try await administration.explain(projection.name, key: [key])
                guard why.comparison == .same else {
                    throw BenchmarkError("the explained row differs: \(why.comparison)")
                }
                return (ContinuousClock.now - start).seconds * 1_000
            }
        }
        var measured: [Pair] = []
        for _ in 0..<pairs {
            let load = Pair.systemLoad()
            let scanned = try await seconds(ProductSales.projection)
            measured.append(Pair(try await seconds(traced), scanned, load: load))
        }
        return Report(
            name: "why of the product with the most lines, traced", unit: "ms", pairs: measured,
            baselineName: "by reading the log", goal: .atMost(0.1))
    }

    private func withContext<Value: Sendable>(
        _ projection: any Projection, _ body: (ProjectionContext) async throws -> Value
    ) async throws -> Value {
        try await server.withLog(database: database, keep: true) { log, pool in
            // Batch by batch, as at the head: what fills a view anew takes another way.
            var configuration = EngineConfiguration()
            configuration.replayThreshold = .max
            return try await body(
                ProjectionContext(
                    log: log, database: pool.configuration, pool: pool, projections: [projection],
                    configuration: configuration, logger: BenchmarkServer.logger))
        }
    }
}
