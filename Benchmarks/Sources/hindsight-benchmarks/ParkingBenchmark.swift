import Foundation
import Hindsight
import HindsightPostgres

/// Projecting the orders where one order in a hundred cannot be folded, against the same without failures and without parking.
struct ParkingBenchmark {
    let server: BenchmarkServer
    let file: String
    private let database = "parking"

    func measure(pairs: Int) async throws -> [Report] {
        try await server.createDatabase(database, importing: file)
        return [
            try await compare("catch-up with 1 % of keys parked", goal: 0.95, pairs, poisoned: true, replays: false),
            try await compare(
                "catch-up with parking, nothing fails", goal: 0.95, pairs, poisoned: false, replays: false),
            try await compare("filled anew with 1 % of keys parked", goal: 0.95, pairs, poisoned: true, replays: true),
        ]
    }

    /// - Parameter replays: whether the engine fills the view by the fast path of a rebuild, or event by event.
    private func compare(
        _ name: String, goal: Double, _ pairs: Int, poisoned: Bool, replays: Bool
    ) async throws -> Report {
        let isPoisoned = isPoisoned
        let parking = OrderSummary.projection { order in poisoned && isPoisoned(order) }.parking()
        var measured: [Pair] = []
        for _ in 0..<pairs {
            let load = Pair.systemLoad()
            let plain = try await rate(OrderSummary.projection, replays: replays)
            measured.append(Pair(try await rate(parking, replays: replays), plain, load: load))
        }
        return Report(
            name: name, unit: "events/s", pairs: measured, baselineName: "without failures, not parking",
            goal: .atLeast(goal))
    }

    /// One order in a hundred.
    private let isPoisoned: @Sendable (String) -> Bool = { order in
        order.utf8.reduce(UInt32(5381)) { $0 &* 33 &+ UInt32($1) } % 100 == 7
    }

    private func rate(_ projection: any Projection, replays: Bool) async throws -> Double {
        try await server.withLog(database: database, keep: true) { log, pool in
            var configuration = EngineConfiguration()
            if !replays { configuration.replayThreshold = .max }
            let context = ProjectionContext(
                log: log, database: pool.configuration, pool: pool, projections: [projection],
                configuration: configuration, logger: BenchmarkServer.logger)
            let administration = ProjectionAdministration(context)
            try await administration.reset(projection.name)
            try await server.checkpoint()
            let start = ContinuousClock.now
            try await ProjectionEngine(context).runUntilCaughtUp()
            return Double(try await administration.list()[0].eventsApplied) / (ContinuousClock.now - start).seconds
        }
    }
}

extension OrderSummary {
    /// An order that cannot be folded.
    struct Poisoned: Error {}

    /// The same projection, whose fold fails for some orders at their first line.
    static func projection(_ isPoisoned: @escaping @Sendable (String) -> Bool) -> ViewProjection<OrderSummary> {
        ViewProjection(Self.self, version: 1, lookingAt: [.stream, .occurredAt])
            .on(OrderLinePlaced.self) { order, line, context in
                try add(&order, line, context)
                if isPoisoned(order.orderID) { throw Poisoned() }
            }
            .on(OrderLineCancelled.self, fold: add)
            .on(AdjustmentMade.self, fold: add)
    }
}
