import Dispatch
import Synchronization
import Testing

/// Holds folds up, on the thread that they run on, until a test lets them go.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting = 0
        var arrivals = 0
    }

    private let state = Mutex(State())
    private let semaphore = DispatchSemaphore(value: 0)

    /// How many have come to the gate so far.
    var arrivals: Int { state.withLock(\.arrivals) }

    var isOpen: Bool { state.withLock(\.isOpen) }

    /// Comes to the gate without waiting there.
    func arrive() { state.withLock { $0.arrivals += 1 } }

    /// Waits for the gate to open; called by a fold.
    func pass() {
        let mustWait = state.withLock { state in
            state.arrivals += 1
            if !state.isOpen { state.waiting += 1 }
            return !state.isOpen
        }
        if mustWait { semaphore.wait() }
    }

    /// Lets all go, now and later.
    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = 0 }
            return state.waiting
        }
        for _ in 0..<waiting { semaphore.signal() }
    }

    /// Waits until somebody is at the gate.
    func untilReached() async throws {
        try await Bank.until("a fold comes to the gate") { arrivals > 0 }
    }
}
