import Synchronization

/// Wakes whoever waits for something new in a log.
///
/// It counts: a waiter says which count it has seen, so that a signal between its look and its wait is not lost.
package final class LogSignal: Sendable {
    private struct State {
        var generation: UInt64 = 0
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// The count of signals so far.
    package var generation: UInt64 { state.withLock { $0.generation } }

    /// Wakes all who wait.
    package func notify() {
        let waiters = state.withLock { state in
            state.generation &+= 1
            defer { state.waiters.removeAll(keepingCapacity: true) }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when there was a signal after `seen`, the time is up, or the task is cancelled.
    package func wait(after seen: UInt64, atMost duration: Duration) async {
        await withTaskGroup { tasks in
            tasks.addTask { await self.wait(after: seen) }
            tasks.addTask { try? await Task.sleep(for: duration) }  // cancelled: the signal came first
            await tasks.next()
            tasks.cancelAll()
        }
    }

    /// Returns when there was a signal after `seen`, or the task is cancelled.
    package func wait(after seen: UInt64) async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let resumeNow = state.withLock { state in
                    if state.generation != seen || Task.isCancelled { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if resumeNow { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
