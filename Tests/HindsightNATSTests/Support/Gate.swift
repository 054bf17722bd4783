#if NATS
    import Synchronization

    /// A gate that tasks wait at until it is opened, whether they are cancelled or not: a handler that takes its time.
    final class Gate: Sendable {
        private struct State {
            var isOpen = false
            var arrivals = 0
            var waiting: [CheckedContinuation<Void, Never>] = []
        }

        private let state = Mutex(State())

        /// How many have come to it.
        var arrivals: Int { state.withLock { $0.arrivals } }

        func open() {
            let waiting = state.withLock { state in
                state.isOpen = true
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }

        func pass() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    state.arrivals += 1
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }
    }
#endif
