import Logging
import ServiceLifecycle

/// Says in the log that signals are handled from now on: until then SIGTERM would end a node without draining it.
struct ReadyService: Service {
    static let message = "node ready"

    let logger: Logger

    func run() async throws {
        logger.info("\(Self.message)")
        try await gracefulShutdown()
    }
}
