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
        case draining(since: ContinuousClock.Instant)
        case cancelled
    }

    private var state = State.running

    /// No signal has come yet.
    package init() {}

    /// How soon a second signal is still the same request: a terminal, or `timeout`, signals a process and its whole group.
    private static var sameRequest: Duration { .seconds(1) }

    /// Takes in a signal. Who asks again is more in a hurry.
    package mutating func received(canDrain: Bool, at now: ContinuousClock.Instant = .now) -> Action {
        switch state {
        case .running where canDrain:
            state = .draining(since: now)
            return .drain
        case .draining(let since) where now - since < Self.sameRequest:
            return .drain
        case .running, .draining:
            state = .cancelled
            return .cancel
        case .cancelled:
            return .exit
        }
    }
}
