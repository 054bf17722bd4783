import Synchronization

/// Holds a rebuild's readers back, so that other work gets its share of the machine.
///
/// Meanwhile one reader works at a time, on small ranges, and then all rest for a while.
final class RebuildThrottle: Sendable {
    private struct State {
        /// The share of the time that one reader works, more than 0; nil if all work without limit.
        var share: Double?
        var counted = 0
        var started = ContinuousClock.now
    }

    private let mode: RebuildOptions.Throttle
    private let state: Mutex<State>
    private let access = ExclusiveAccess()

    /// How many events a range has while readers are held back: others wait for at most one range.
    private static let heldRangeEvents: Int64 = 1_536

    init(_ mode: RebuildOptions.Throttle) {
        self.mode = mode
        var state = State()
        // Cautious until the first look.
        if mode == .automatic { state.share = 0.3 }
        self.state = Mutex(state)
    }

    /// True if live traffic sets the pace.
    var isAutomatic: Bool { mode == .automatic }

    /// True if it currently holds readers back.
    var isHolding: Bool {
        switch mode {
        case .none: false
        case .eventsPerSecond: true
        case .automatic: state.withLock { $0.share != nil }
        }
    }

    /// How many events a range may currently have; nil for the best size.
    var rangeEvents: Int64? {
        switch mode {
        case .none: nil
        // A fifth of a second's worth.
        case .eventsPerSecond(let rate): max(1, min(Self.heldRangeEvents, Int64(min(rate, 1e9) / 5)))
        case .automatic: isHolding ? Self.heldRangeEvents : nil
        }
    }

    /// Sets the share of the time that one reader works; nil if all work without limit.
    func set(share: Double?) {
        state.withLock { $0.share = share }
    }

    /// Lets a reader work on a range, as soon as it may, and rests afterwards.
    ///
    /// - Parameter body: the work; it returns how many events it read.
    func working(_ body: () async throws -> Int) async throws {
        switch mode {
        case .none:
            _ = try await body()
        case .eventsPerSecond(let rate):
            let events = try await body()
            try await rest(after: events, rate)
        case .automatic:
            guard isHolding else {
                _ = try await body()
                return
            }
            // One reader at a time.
            try await access.perform {
                let start = ContinuousClock.now
                _ = try await body()
                try await restFromWork(since: start)
            }
        }
    }

    /// Rests after a batch, for a reader that works alone.
    ///
    /// - Parameters:
    ///   - events: how many events the batch had.
    ///   - start: when the work on it began.
    func rest(after events: Int, since start: ContinuousClock.Instant) async throws {
        switch mode {
        case .none: return
        case .eventsPerSecond(let rate): try await rest(after: events, rate)
        case .automatic: try await restFromWork(since: start)
        }
    }

    private func restFromWork(since start: ContinuousClock.Instant) async throws {
        guard let share = state.withLock(\.share) else { return }
        try await Task.sleep(for: (.now - start) * ((1 - share) / share))
    }

    private func rest(after events: Int, _ rate: Double) async throws {
        let now = ContinuousClock.now
        let wait = state.withLock { state in
            state.counted += events
            // Rests until the reading has taken as long as the rate demands.
            let due = state.started + .seconds(Double(state.counted) / rate)
            // A pause in reading, such as a checkpoint, is not made up for by a burst.
            if now - due > .seconds(1) {
                state.counted = 0
                state.started = now
            }
            return due - now
        }
        if wait > .zero { try await Task.sleep(for: wait) }
    }
}
