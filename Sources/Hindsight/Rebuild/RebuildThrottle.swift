import Synchronization

/// Holds a rebuild's readers back, so that others get the machine as well.
final class RebuildThrottle: Sendable {
    private struct State {
        /// The share of the time that a reader may work, 0 to 1.
        var share = 1.0
        var counted = 0
        var started = ContinuousClock.now
        /// When a reader was last let go.
        var released: ContinuousClock.Instant?
    }

    private let mode: RebuildOptions.Throttle
    private let state = Mutex(State())

    init(_ mode: RebuildOptions.Throttle) {
        self.mode = mode
    }

    /// True if live traffic decides.
    var isAutomatic: Bool { mode == .automatic }

    /// The share of the time that a reader may work.
    var share: Double {
        get { state.withLock(\.share) }
        set { state.withLock { $0.share = newValue } }
    }

    /// Counts events that were read.
    func count(_ events: Int) {
        state.withLock { $0.counted += events }
    }

    /// Waits as long as a reader should before it reads on.
    func pause() async throws {
        let now = ContinuousClock.now
        let wait: Duration
        switch mode {
        case .none:
            return
        case .eventsPerSecond(let rate):
            wait = state.withLock { state in
                // What was read is to have taken as long as the rate says.
                let due = state.started + .seconds(Double(state.counted) / rate)
                // A pause in which nothing was read, a checkpoint say, is not made up for by a burst.
                if now - due > .seconds(1) {
                    state.counted = 0
                    state.started = now
                }
                return due - now
            }
        case .automatic:
            wait = state.withLock { state in
                guard state.share < 1, let released = state.released else { return .zero }
                return (now - released) * ((1 - state.share) / state.share)
            }
        }
        if wait > .zero { try await Task.sleep(for: min(wait, .seconds(5))) }
        state.withLock { $0.released = .now }
    }
}
