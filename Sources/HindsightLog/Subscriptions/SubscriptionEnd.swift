import Synchronization

/// The end of a subscription, which happens once and can be awaited by many tasks.
package final class SubscriptionEnd: Sendable {
    private struct State {
        var result: Result<Void, any Error>?
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Result<Void, any Error>?, Never>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// The first call counts.
    package func finish(_ result: Result<Void, any Error>) {
        let waiters = state.withLock { state in
            guard state.result == nil else { return [] as [CheckedContinuation<Result<Void, any Error>?, Never>] }
            state.result = result
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: result) }
    }

    /// Waits for the end.
    package func wait() async throws {
        guard let result = await result() else { throw CancellationError() }
        try result.get()
    }

    /// Waits for the end, but no longer than this: false if the time was up first.
    package func wait(atMost duration: Duration) async throws -> Bool {
        let result = await withTaskGroup(of: Result<Void, any Error>?.self) { tasks in
            tasks.addTask { await self.result() }
            tasks.addTask {
                try? await Task.sleep(for: duration)  // cancelled: the end came first
                return nil
            }
            let first = await tasks.next()
            tasks.cancelAll()
            return first ?? nil
        }
        try Task.checkCancellation()
        guard let result else { return false }
        try result.get()
        return true
    }

    /// The end; nil when the task was cancelled before it.
    private func result() async -> Result<Void, any Error>? {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known: Result<Void, any Error>?? = state.withLock { state in
                    if let result = state.result { return .some(result) }
                    if Task.isCancelled { return .some(nil) }
                    state.waiters[number] = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: nil)
        }
    }
}
