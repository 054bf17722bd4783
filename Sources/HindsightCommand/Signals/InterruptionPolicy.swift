/// What a signal that asks a command to end leads to, decided without signals.
struct InterruptionPolicy: Hashable, Sendable {
    /// What to do about a signal.
    enum Action: Hashable, Sendable {
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

    /// Takes in a signal. Who asks again is more in a hurry.
    mutating func received(canDrain: Bool) -> Action {
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
