#if NATS
    import Synchronization

    /// What happened, in order, noted by any number of tasks.
    final class Record<Element: Sendable>: Sendable {
        private let state = Mutex<[Element]>([])

        func note(_ element: Element) { state.withLock { $0.append(element) } }
        var all: [Element] { state.withLock { $0 } }
        var count: Int { state.withLock { $0.count } }
    }
#endif
