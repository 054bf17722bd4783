/// What a signal that asks a command to end leads to, decided without signals and without a clock.
///
/// Every step has an end. What has not drained in its time is cancelled, and what has not ended soon after that is left where it
/// stands.
package struct InterruptionPolicy: Hashable, Sendable {
    /// What to do about a signal, or about a step that takes too long.
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

    /// How long a command that was cancelled may take to clean up: to roll back, to close connections.
    package static let cleanUpTime = Duration.seconds(5)

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

    /// The time that an action is given is over, and the command has not ended.
    ///
    /// - Returns: what to do now; nil if a signal has led on already.
    package mutating func timeIsUp(for action: Action) -> Action? {
        switch (action, state) {
        case (.drain, .draining):
            state = .cancelled
            return .cancel
        case (.cancel, .cancelled):
            return .exit
        case (.drain, .running), (.drain, .cancelled), (.cancel, .running), (.cancel, .draining), (.exit, _):
            return nil
        }
    }
}
