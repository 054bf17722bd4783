#if NATS
    import HindsightLog
    import Synchronization

    /// Where streams ended when this process last looked or appended.
    ///
    /// It saves a look before an append. It may be wrong at any time, which the expectation of the append finds out.
    final class TailCache: Sendable {
        /// Two halves: when the younger one is full, the older one is forgotten.
        private struct State {
            var young: [StreamName: StreamTail] = [:]
            var old: [StreamName: StreamTail] = [:]

            mutating func keep(_ tail: StreamTail, for stream: StreamName, _ capacity: Int) {
                // Appends of one stream can end in another order than they were stored in.
                if let known = young[stream] ?? old[stream], known.position > tail.position { return }
                if young.count >= capacity / 2, young[stream] == nil { (old, young) = (young, [:]) }
                young[stream] = tail
            }
        }

        private let state = Mutex(State())
        private let capacity: Int

        /// - Parameter capacity: how many streams are kept, some 200 bytes each.
        init(capacity: Int) {
            self.capacity = max(2, capacity)
        }

        subscript(stream: StreamName) -> StreamTail? {
            state.withLock { state -> StreamTail? in
                if let tail = state.young[stream] { return tail }
                guard let tail = state.old[stream] else { return nil }
                state.keep(tail, for: stream, capacity)
                return tail
            }
        }

        func keep(_ tail: StreamTail, for stream: StreamName) {
            state.withLock { $0.keep(tail, for: stream, capacity) }
        }

        /// What the leader has just said, also if it is less than before, as in a log that was put back.
        func replace(_ tail: StreamTail, for stream: StreamName) {
            state.withLock { state in
                state.young[stream] = nil
                state.old[stream] = nil
                state.keep(tail, for: stream, capacity)
            }
        }
    }
#endif
