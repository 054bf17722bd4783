/// What a signal that asks a command to end leads to, decided without signals.
package struct InterruptionPolicy: Hashable, Sendable {
    /// What to do about a signal.
    package enum Action: Hashable, Sendable {
        /// Finish what is in flight, then end with success.
        case drain
        /// Give up what is in flight, and clean up.
        case cancel
        /// End the process now.
        case exit
    }

    private enum State: Hashable, Sendable {
        case running
        case draining
        case cancelled
    }

    private var state = State.running

    /// No signal has come yet.
    package init() {}

    /// Takes in a signal. Who asks again is more in a hurry.
    package mutating func received(canDrain: Bool) -> Action {
        switch state {
        case .running where canDrain:
            state = .draining
            return .drain
        case .running, .draining:
            state = .cancelled
            return .cancel
        case .cancelled:
            return .exit
        }
    }
}
