import Hindsight
import ServiceLifecycle

/// An engine at work in a task of its own, as a service of a group.
struct RunningEngine: Sendable {
    private let group: ServiceGroup
    private let task: Task<Void, any Error>

    init(_ engine: ProjectionEngine) {
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: engine)], logger: LogFixture.logger))
        self.group = group
        task = Task { try await group.run() }
    }

    /// Asks the engine to end and waits until it has.
    func shutDown() async throws {
        await group.triggerGracefulShutdown()
        try await task.value
    }

    /// Asks the engine to end and does not wait.
    func beginShutDown() async {
        await group.triggerGracefulShutdown()
    }

    /// Cancels the engine and does not wait.
    func beginCancelling() { task.cancel() }

    /// Cancels the engine and waits until it has ended, however that may be.
    func cancel() async {
        task.cancel()
        _ = await task.result
    }
}
