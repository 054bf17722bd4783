import Foundation
import Hindsight
import HindsightPostgres
import HindsightValues
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

/// One of the nodes, in a process of its own: an engine with the projections of the load, until it is drained.
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
        let pool = PostgresPool(configuration: database, maximumConnections: 8, logger: logger)
        let log = PostgresEventLog(pool: pool, logger: logger)
        let engine = ProjectionEngine(
            ProjectionContext(
                log: log, pool: pool,
                projections: LoadProjections.all(
                    arguments.build, Moments(folder: arguments.moments, node: arguments.name)),
                configuration: LoadProjections.configuration(node: arguments.name, build: arguments.build),
                logger: logger))
        try await start(engine)
        let group = ServiceGroup(services: [log, engine], gracefulShutdownSignals: [.sigterm], logger: logger)
        try await group.run()
        await pool.close()
    }

    /// An engine throws when it cannot be prepared, and whoever runs it tries again: here, while the server is away.
    private func start(_ engine: ProjectionEngine) async throws {
        while true {
            do {
                return try await engine.prepare()
            } catch let error where error.isPassing {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
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
