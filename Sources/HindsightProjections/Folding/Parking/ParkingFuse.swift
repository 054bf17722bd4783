import Synchronization

/// Counts the parked keys of a view, and refuses to park more than are allowed: so many failures are a bug, not poisoned keys.
package final class ParkingFuse: Sendable {
    private struct State {
        var limit: Int?
        var count = 0
    }

    private let state: Mutex<State>

    package init(limit: Int?) {
        state = Mutex(State(limit: limit))
    }

    /// True if keys may be parked at all.
    var isOn: Bool { state.withLock { $0.limit != nil } }

    /// How many keys are parked.
    var count: Int { state.withLock(\.count) }

    /// From now on no key is parked.
    func turnOff() {
        state.withLock { $0.limit = nil }
    }

    /// Takes in keys that are parked already.
    func note(_ count: Int) {
        state.withLock { $0.count += count }
    }

    /// Forgets keys.
    func forget(_ count: Int) {
        state.withLock { $0.count -= count }
    }

    /// Makes room for one more key.
    ///
    /// - Returns: false if keys are not parked.
    /// - Throws: ``ProjectionError`` with `tooManyParked` if as many as are allowed are parked already.
    func take(_ error: any Error) throws -> Bool {
        try state.withLock { state in
            guard let limit = state.limit else { return false }
            guard state.count < limit else {
                throw ProjectionError(
                    .tooManyParked,
                    """
                    \(error). \(limit) keys are parked already, which is the maximum: so many failures are a bug in a fold or an event, \
                    not poisoned keys. Mend it, then resume the projection and retry the parked keys
                    """)
            }
            state.count += 1
            return true
        }
    }
}
