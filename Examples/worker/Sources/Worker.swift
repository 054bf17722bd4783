// A worker: it keeps a view up to date, and does something for each event.
//
//     export HINDSIGHT_HOME=/tmp/orders    # the same database for both programs
//     swift run worker                     # Ctrl-C ends it in good order
//     (cd ../command-line-tool && swift run command-line-tool place 1 85123A --quantity 6 --price 2.55)
//
// For each line of an order there is a letter in the folder that OUTBOX names, or in `outbox`. Start as many workers as
// you like: one of them writes letters, one keeps the view, and when it ends another goes on.

import Foundation
import Hindsight
import Logging
import ServiceLifecycle

@main
enum Worker {
    static func main() async throws {
        let logger = Logger(label: "worker")
        try await Database.open(logger) { database in
            try await work(database, logger)
        }
    }

    private static func work(_ database: PostgresConfiguration, _ logger: Logger) async throws {
        let pool = PostgresPool(configuration: database, logger: logger)
        let log = PostgresEventLog(pool: pool, logger: logger)
        let engine = ProjectionEngine(
            ProjectionContext(log: log, pool: pool, projections: [OrderSummary.projection], logger: logger))
        // The subscription needs the schema as well, and the group starts all services at once.
        try await engine.prepare()
        let confirmations = Confirmations(
            log: log, pool: pool, folder: ProcessInfo.processInfo.environment["OUTBOX"] ?? "outbox",
            logger: logger)
        let group = ServiceGroup(
            services: [pool, log, engine, confirmations], gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
        try await group.run()
    }
}
