import Hindsight
import HindsightPostgres
import HindsightValues
import Logging
import ServiceLifecycle

/// A reader of ``Courier``, begun again when another node has taken its name.
struct StartedCourier: Service {
    let log: PostgresEventLog
    let pool: PostgresPool
    let moments: Moments
    let logger: Logger

    func run() async throws {
        while !Task.isShuttingDownGracefully {
            let subscription = Subscription(log: log, pool: pool, options: Courier.options, logger: logger)
            do {
                // A node that is drained handles no further event, so that another one has the name at once.
                try await withGracefulShutdownHandler {
                    try await subscription.runInTransaction(Courier.handler(moments))
                } onGracefulShutdown: {
                    subscription.stop()
                }
            } catch let error as SubscriptionError where error.code == .takenOver {
                logger.info("reader begun again", metadata: ["error.message": "\(error)"])
            } catch let error where error.isInterruption {
                logger.info("reader begun again", metadata: ["error.message": "\(error)"])
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
