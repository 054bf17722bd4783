/// Watches which leases of other processes stand still, by this process's own clock.
///
/// A lease expires by the server's clock, which may be set back. A successor therefore measures for itself: a lease
/// that has not been renewed for its full duration belongs to a process that hangs.
struct LeaseWatch: Sendable {
    private struct Sighting: Sendable {
        let state: ShardState
        let since: ContinuousClock.Instant
    }

    private let duration: Duration
    private var sightings: [ShardKey: Sighting] = [:]

    /// - Parameter duration: how long a lease lasts.
    init(duration: Duration) {
        self.duration = duration
    }

    /// Notes what the store says about a lease that has an owner.
    mutating func note(_ key: ShardKey, _ state: ShardState, now: ContinuousClock.Instant = .now) {
        if let known = sightings[key], known.state.epoch == state.epoch, known.state.renewals == state.renewals {
            return
        }
        sightings[key] = Sighting(state: state, since: now)
    }

    /// Forgets a lease: this process has it, or nobody.
    mutating func forget(_ key: ShardKey) {
        sightings[key] = nil
    }

    /// What the store said about the lease, if that has not changed for the duration of a lease.
    func unchanged(_ key: ShardKey, now: ContinuousClock.Instant = .now) -> ShardState? {
        guard let known = sightings[key], now - known.since >= duration else { return nil }
        return known.state
    }
}
