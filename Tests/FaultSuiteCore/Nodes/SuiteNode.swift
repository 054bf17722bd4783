import Foundation
import Hindsight
import HindsightPostgres
import Logging
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One of the nodes, in a process of its own: an engine with the projections of the load, and a reader of the
/// subscription, until it is drained.
package struct SuiteNode: Sendable {
    private let arguments: NodeArguments

    package init(_ arguments: NodeArguments) {
        self.arguments = arguments
    }

    /// Runs until SIGTERM, or until the suite is gone.
    package func run() async throws {
        endWithSuite()
        let logger = Logger(label: arguments.name) { _ in LineLogHandler(descriptor: STDERR_FILENO) }
        var database = PostgresConfiguration(arguments.conninfo)
        database.applicationName = arguments.name
        let pool = PostgresPool(configuration: database, maximumConnections: 12, logger: logger)
        let log = PostgresEventLog(pool: pool, logger: logger)
        let moments = Moments(folder: arguments.moments, node: arguments.name)
        let context = ProjectionContext(
            log: log, pool: pool, projections: LoadProjections.all(arguments.build, moments),
            configuration: LoadProjections.configuration(node: arguments.name, build: arguments.build), logger: logger)
        let group = ServiceGroup(
            services: [
                ReadyService(logger: logger), log, StartedEngine(context: context),
                StartedCourier(log: log, pool: pool, moments: moments, logger: logger),
            ],
            gracefulShutdownSignals: [.sigterm], logger: logger)
        try await group.run()
        await pool.close()
    }

    /// Its standard input ends when the suite does, in whatever way.
    private func endWithSuite() {
        let thread = Thread {
            var byte: UInt8 = 0
            while read(STDIN_FILENO, &byte, 1) > 0 {}
            _exit(1)
        }
        thread.start()
    }
}
