import ArgumentParser
import Foundation
import Hindsight
import HindsightPostgres

/// One of two nodes that share the shop's orders, in a process of its own, until it is killed.
struct TakeoverNode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "node", shouldDisplay: false)
    static let lease = Duration.seconds(2)

    @Argument var name: String
    @Argument var conninfo: String
    /// How long the handler of a projection with statements of its own takes for each event; 0: a view is kept instead.
    @Argument var handlerMilliseconds: UInt32

    func run() async throws {
        let pool = PostgresPool(
            configuration: PostgresConfiguration(conninfo), maximumConnections: 8, logger: BenchmarkServer.logger)
        var configuration = EngineConfiguration()
        configuration.node = name
        configuration.leaseDuration = Self.lease
        let projection: any Projection =
            handlerMilliseconds > 0 ? Self.journal(handlerMilliseconds) : OrderSummary.projection
        try await withRunning(PostgresEventLog(pool: pool, logger: BenchmarkServer.logger)) { log in
            let engine = ProjectionEngine(
                ProjectionContext(
                    log: log, database: pool.configuration, pool: pool, projections: [projection],
                    configuration: configuration, logger: BenchmarkServer.logger))
            try await engine.run()
        }
    }

    /// Writes down each line within a handler that takes its time.
    static func journal(_ milliseconds: UInt32) -> SQLProjection {
        SQLProjection(
            "journal", version: 1, setUp: ["create table journal (position bigint primary key)"],
            clear: ["truncate journal"]
        )
        .on(OrderLinePlaced.self) { session, _, context in
            try session.execute("insert into journal values (\(context.position))")
            usleep(milliseconds * 1_000)
        }
    }
}
