import Synchronization

/// What happened, in order, noted from several tasks.
final class Recorder<Element: Sendable>: Sendable {
    private let state = Mutex<[Element]>([])

    var all: [Element] { state.withLock { $0 } }
    var count: Int { state.withLock(\.count) }

    func note(_ element: Element) {
        state.withLock { $0.append(element) }
    }
}
