#if NATS
    import Synchronization

    /// Something that happens once and can be awaited by any number of tasks, before and after.
    final class Completion: Sendable {
        private struct State {
            var result: Result<Void, NATSError>?
            var next: UInt64 = 0
            var waiters: [UInt64: CheckedContinuation<Outcome, Never>] = [:]
        }

        private enum Outcome {
            case completed(Result<Void, NATSError>)
            case cancelled
            case timedOut
        }

        private let state = Mutex(State())

        init() {}

        /// How it ended, if it did.
        var result: Result<Void, NATSError>? { state.withLock { $0.result } }

        /// It has happened. Only the first call counts.
        ///
        /// - Returns: whether this was the first.
        @discardableResult
        func complete(_ result: Result<Void, NATSError>) -> Bool {
            let waiters: [CheckedContinuation<Outcome, Never>]? = state.withLock { state in
                guard state.result == nil else { return nil }
                state.result = result
                defer { state.waiters = [:] }
                return Array(state.waiters.values)
            }
            guard let waiters else { return false }
            for waiter in waiters { waiter.resume(returning: .completed(result)) }
            return true
        }

        /// Waits until it has happened, and throws what it ended with, or ``NATSError/Code/cancelled``.
        func wait() async throws(NATSError) {
            switch await outcome(within: nil) {
            case .completed(let result): try result.get()
            case .cancelled, .timedOut: throw NATSError(.cancelled, "the task that waited for the end was cancelled")
            }
        }

        /// Waits for so long at most.
        ///
        /// - Returns: whether it has happened.
        func wait(within duration: Duration) async throws(NATSError) -> Bool {
            switch await outcome(within: duration) {
            case .completed(let result):
                try result.get()
                return true
            case .timedOut: return false
            case .cancelled: throw NATSError(.cancelled, "the task that waited for the end was cancelled")
            }
        }

        private func outcome(within duration: Duration?) async -> Outcome {
            let id: UInt64 = state.withLock { state in
                state.next += 1
                return state.next
            }
            var timer: Task<Void, any Error>?
            defer { timer?.cancel() }
            return await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let result = state.withLock { state -> Result<Void, NATSError>? in
                        if state.result == nil { state.waiters[id] = continuation }
                        return state.result
                    }
                    if let result { return continuation.resume(returning: .completed(result)) }
                    // Not before it waits: a time that is over already would find nobody to wake.
                    timer = duration.map { duration in
                        Task {
                            try await Task.sleep(for: duration)
                            self.resume(id, .timedOut)
                        }
                    }
                    if Task.isCancelled { resume(id, .cancelled) }
                }
            } onCancel: {
                resume(id, .cancelled)
            }
        }

        private func resume(_ id: UInt64, _ outcome: Outcome) {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: outcome)
        }
    }
#endif
