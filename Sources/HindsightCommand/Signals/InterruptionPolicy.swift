/// Decides how a command reacts to signals that ask it to end, without signals and without a clock.
///
/// Every step has a time limit. Work that has not drained in time is cancelled, and work that has not ended soon after
/// that is abandoned.
package struct InterruptionPolicy: Hashable, Sendable {
    /// The reaction to a signal, or to a step that takes too long.
    package enum Action: Hashable, Sendable {
        /// Finish the work in flight, then end with success.
        case drain
        /// Give up the work in flight, and clean up.
        case cancel
        /// End the process now.
        case exit
    }

    private enum State: Hashable, Sendable {
        case running
        case draining(since: ContinuousClock.Instant)
        case cancelled
    }

    /// How long a cancelled command may take to clean up: to roll back and to close connections.
    package static let cleanUpTime = Duration.seconds(5)

    private var state = State.running

    /// No signal has come yet.
    package init() {}

    /// How soon a second signal is still the same request: a terminal, or `timeout`, signals a process and its whole
    /// group.
    private static var sameRequest: Duration { .seconds(1) }

    /// Handles a signal. A repeated request is more urgent.
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

    /// Handles the end of an action's time limit, if the command has not ended by then.
    ///
    /// - Returns: what to do now; nil if a signal has already led to another action.
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
