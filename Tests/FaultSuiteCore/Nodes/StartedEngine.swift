import Hindsight
import HindsightValues
import Logging
import ServiceLifecycle

/// An engine that is started again as long as its start meets with a fault.
///
/// An engine at work waits until a fault has passed; one that starts throws, and a supervisor would start the process again.
struct StartedEngine: Service {
    static let message = "engine not started, trying again"
    /// How long a start may take in all. What an engine throws later is a failure of the node.
    private static let patience = Duration.seconds(60)

    let context: ProjectionContext

    func run() async throws {
        let deadline = ContinuousClock.now + Self.patience
        while !Task.isShuttingDownGracefully {
            let engine = ProjectionEngine(context)
            do {
                do {
                    try await cancelWhenGracefulShutdown { try await engine.prepare() }
                } catch  where Task.isShuttingDownGracefully {
                    // Asked to end before it has begun.
                    return
                }
                return try await engine.run()
            } catch let error where error.isInterruption && .now < deadline {
                context.logger.info("\(Self.message)", metadata: ["error.message": "\(error)"])
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
