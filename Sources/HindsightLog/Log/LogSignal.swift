import Synchronization

/// Wakes the readers that wait for new events in a log.
///
/// It counts signals: a waiter states which count it has seen, so that a signal between its look and its wait is not
/// lost. A log has one for all of its readers, notifies it of appends, and polls it while the log runs (``poll()``).
public final class LogSignal: Sendable {
    private struct State {
        var generation: UInt64 = 0
        var pollers = 0
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())
    /// The longest time a reader waits for events that were not signalled.
    public let pollInterval: Duration

    /// Creates a signal for the readers of a log.
    ///
    /// - Parameter pollInterval: the longest time a reader waits. Defaults to one second.
    public init(pollInterval: Duration = .seconds(1)) {
        self.pollInterval = pollInterval
    }

    /// The count of signals so far.
    public var generation: UInt64 { state.withLock { $0.generation } }

    /// True while ``poll()`` runs.
    package var isPolled: Bool { state.withLock { $0.pollers > 0 } }

    /// Wakes all waiting readers.
    public func notify() {
        let waiters = state.withLock { state in
            state.generation &+= 1
            defer { state.waiters.removeAll(keepingCapacity: true) }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Wakes all waiting readers at every poll interval, until the task is cancelled: a part of a log's
    /// ``EventLog/run()``. One timer then serves all readers.
    public func poll() async {
        state.withLock { $0.pollers += 1 }
        while !Task.isCancelled {
            try? await Task.sleep(for: pollInterval)  // cancelled: the loop ends
            notify()
        }
        state.withLock { $0.pollers -= 1 }
        // Readers that relied on the timer continue with their own.
        notify()
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
