// A web service: lines of orders come in by POST, and what the orders come to is read by GET.
//
//     swift run web-service                # Ctrl-C ends it in good order
//     curl localhost:8080/orders/1/lines -d '{"sku": "85123A", "quantity": 6, "unitPrice": 2.55}'
//     curl localhost:8080/orders/1
//     curl 'localhost:8080/orders?limit=20&after=1'
//     curl -i localhost:8080/ready
//
// PORT names another port; 0 is one that is free.

import Foundation
import Hindsight
import Hummingbird
import Logging
import ServiceLifecycle

@main
enum WebService {
    static func main() async throws {
        let logger = Logger(label: "web-service")
        let port = ProcessInfo.processInfo.environment["PORT"].flatMap { Int($0) } ?? 8080
        try await Database.open(logger) { database in
            try await serve(database, port: port, logger: logger)
        }
    }

    static func serve(_ database: PostgresConfiguration, port: Int, logger: Logger) async throws {
        let pool = PostgresPool(configuration: database, logger: logger)
        let log = PostgresEventLog(pool: pool, logger: logger)
        let context = ProjectionContext(
            log: log, pool: pool, projections: [OrderSummary.projection], logger: logger)
        let engine = ProjectionEngine(context)
        // The group starts all services at once, so the tables have to be there before the first request.
        try await engine.prepare()

        let router = Router()
        OrderRoutes(log: log, views: Views(pool: pool)).add(to: router)
        ReadinessRoute(administration: ProjectionAdministration(context)).add(to: router)
        let server = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)), logger: logger)

        // They end in the opposite order: the last request, then the batch in flight, and the connections at last.
        let group = ServiceGroup(
            services: [pool, log, engine, server], gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
        try await group.run()
    }
}
