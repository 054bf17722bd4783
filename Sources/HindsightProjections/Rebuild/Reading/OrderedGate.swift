import Synchronization

/// Lets numbers pass one at a time and in order: 0, 1, 2 …
package final class OrderedGate: Sendable {
    private struct State {
        var turn = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Returns when it is the number's turn. Every number before it must leave eventually, even if its work has failed.
    package func enter(_ number: Int) async {
        if state.withLock({ $0.turn == number }) { return }
        await withCheckedContinuation { continuation in
            let isTurn = state.withLock { state in
                guard state.turn != number else { return true }
                state.waiting[number] = continuation
                return false
            }
            if isTurn { continuation.resume() }
        }
    }

    /// Ends the turn of the number that has it.
    package func leave() {
        let next = state.withLock { state in
            state.turn += 1
            return state.waiting.removeValue(forKey: state.turn)
        }
        next?.resume()
    }
}
