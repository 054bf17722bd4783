#if NATS
    import Foundation
    import Hindsight
    import HindsightJetStream
    import HindsightNATS
    import HindsightPostgres
    import HindsightTestSupport
    import Logging
    import ServiceLifecycle
    import UnixSignals
#endif

/// Reads a log on JetStream as a process of its own, which a test interrupts and kills.
@main
struct ReaderApp {
    static func main() async throws {
        #if NATS
            endWithTest()
            let task = try ReaderTask(argument: CommandLine.arguments[1])
            var logger = Logger(label: "reader") { StreamLogHandler.standardError(label: $0) }
            logger.logLevel = .error
            var server = NATSConfiguration()
            server.servers = [task.server]
            let client = try NATSClient(server, logger: logger)
            let log = JetStreamEventLog(client, stream: task.stream, logger: logger)
            let pool = PostgresPool(
                configuration: PostgresConfiguration(task.database), maximumConnections: 2, logger: logger)
            let reader = Reader(task: task, log: log, pool: pool, logger: logger)
            let group = ServiceGroup(
                configuration: .init(
                    services: [
                        .init(service: client), .init(service: log),
                        .init(service: reader, successTerminationBehavior: .gracefullyShutdownGroup),
                    ],
                    gracefulShutdownSignals: [.sigterm], logger: logger))
            try await group.run()
            await pool.close()
        #else
            fatalError("reader-app was built without the trait NATS")
        #endif
    }

    #if NATS
        /// Its standard input ends when the test does, in whatever way.
        private static func endWithTest() {
            let thread = Thread {
                while (try? FileHandle.standardInput.read(upToCount: 1)?.isEmpty) == false {}
                exit(1)
            }
            thread.start()
        }
    #endif
}
