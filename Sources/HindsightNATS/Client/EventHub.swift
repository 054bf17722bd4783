#if NATS
    import Synchronization

    /// Gives events to all who watch.
    final class EventHub: Sendable {
        private struct State {
            var next = 0
            var watchers: [Int: AsyncStream<NATSEvent>.Continuation] = [:]
            var isClosed = false
        }

        private let state = Mutex(State())

        init() {}

        /// What happens from now on. Who does not take it loses the oldest of 256.
        func watch() -> AsyncStream<NATSEvent> {
            let (stream, continuation) = AsyncStream.makeStream(
                of: NATSEvent.self, bufferingPolicy: .bufferingNewest(256))
            let id: Int? = state.withLock { state in
                guard !state.isClosed else { return nil }
                state.next += 1
                state.watchers[state.next] = continuation
                return state.next
            }
            guard let id else {
                continuation.finish()
                return stream
            }
            continuation.onTermination = { [weak self] _ in
                _ = self?.state.withLock { $0.watchers.removeValue(forKey: id) }
            }
            return stream
        }

        func tell(_ event: NATSEvent) {
            for watcher in state.withLock({ Array($0.watchers.values) }) { watcher.yield(event) }
        }

        /// The last event.
        func close(_ event: NATSEvent) {
            let watchers = state.withLock { state in
                state.isClosed = true
                defer { state.watchers = [:] }
                return Array(state.watchers.values)
            }
            for watcher in watchers {
                watcher.yield(event)
                watcher.finish()
            }
        }
    }
#endif
