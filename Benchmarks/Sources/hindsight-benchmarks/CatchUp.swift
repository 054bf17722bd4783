import Hindsight
import HindsightPostgres

/// Projects a log from its beginning to its head, in this process.
struct CatchUp {
    let server: BenchmarkServer
    let log: any EventLog
    let pool: PostgresPool

    /// - Returns: how many events were applied, and how long that took.
    func measure(_ projections: [any Projection]) async throws -> (events: Int64, seconds: Double) {
        let context = ProjectionContext(
            log: log, pool: pool, projections: projections, logger: BenchmarkServer.logger)
        let administration = ProjectionAdministration(context)
        for projection in projections { try await administration.reset(projection.name) }
        try await server.checkpoint()
        let engine = ProjectionEngine(context)
        let start = ContinuousClock.now
        try await engine.runUntilCaughtUp()
        let seconds = (ContinuousClock.now - start).seconds
        return (try await administration.list()[0].eventsApplied, seconds)
    }
}
