/// Watches whether groups get on, by this process's own clock.
package struct ProgressWatch<Group: Hashable & Sendable>: Sendable {
    private struct Sighting: Sendable {
        let step: UInt64
        let since: ContinuousClock.Instant
    }

    /// How many leases a batch may take.
    package static var leases: Int { 3 }

    private let lease: Duration
    private let patience: Duration
    private var sightings: [Group: Sighting] = [:]
    private var lookedAt: ContinuousClock.Instant?

    /// - Parameters:
    ///   - lease: how long a lease lasts.
    ///   - patience: how much longer than three leases a step may take. Defaults to nothing.
    package init(lease: Duration, patience: Duration = .zero) {
        self.lease = lease
        self.patience = patience
    }

    /// How long a batch may take.
    package var limit: Duration { lease * Self.leases + patience }

    /// The groups that have not got on for three leases, although they have a batch.
    ///
    /// - Parameter steps: the step at which each group is that has a batch.
    package mutating func overdue(_ steps: [Group: UInt64], now: ContinuousClock.Instant) -> Set<Group> {
        // Who has not looked for a lease has hung itself, and the groups with it.
        if let lookedAt, now - lookedAt >= lease { sightings = [:] }
        lookedAt = now
        var seen: [Group: Sighting] = [:]
        for (group, step) in steps {
            let known = sightings[group]
            seen[group] = known?.step == step ? known : Sighting(step: step, since: now)
        }
        sightings = seen
        return Set(seen.filter { now - $0.value.since >= limit }.keys)
    }
}
