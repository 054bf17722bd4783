/// Watches which leases of other processes stand still, by this process's own clock.
///
/// A lease expires by the server's clock, which may be set back. A successor therefore measures for itself: a lease that has not been
/// renewed for its full duration, since it was first seen as it is, belongs to a process that hangs.
package struct RenewalWatch<Key: Hashable & Sendable, Renewal: Hashable & Sendable>: Sendable {
    private struct Sighting: Sendable {
        let renewal: Renewal
        let since: ContinuousClock.Instant
    }

    private let duration: Duration
    private var sightings: [Key: Sighting] = [:]

    /// - Parameter duration: how long a lease lasts.
    package init(duration: Duration) {
        self.duration = duration
    }

    /// Notes which renewal of a lease is the last one.
    package mutating func note(_ key: Key, _ renewal: Renewal, now: ContinuousClock.Instant) {
        guard sightings[key]?.renewal != renewal else { return }
        sightings[key] = Sighting(renewal: renewal, since: now)
    }

    /// Forgets a lease: this process has it, or nobody.
    package mutating func forget(_ key: Key) {
        sightings[key] = nil
    }

    /// Forgets all leases but these.
    package mutating func forgetAll(but keys: Set<Key>) {
        sightings = sightings.filter { keys.contains($0.key) }
    }

    /// The last renewal, if that has not changed for the duration of a lease.
    package func unchanged(_ key: Key, now: ContinuousClock.Instant) -> Renewal? {
        guard let known = sightings[key], now - known.since >= duration else { return nil }
        return known.renewal
    }
}
