/// Watches which leases of other processes stand still (``RenewalWatch``).
struct LeaseWatch: Sendable {
    private var watch: RenewalWatch<ShardKey, LeaseRenewal>

    /// - Parameter duration: how long a lease lasts.
    init(duration: Duration) {
        watch = RenewalWatch(duration: duration)
    }

    /// Notes what the store says about a lease that has an owner.
    mutating func note(_ key: ShardKey, _ state: ShardState, now: ContinuousClock.Instant = .now) {
        watch.note(key, state.renewal, now: now)
    }

    /// Forgets a lease: this process has it, or nobody.
    mutating func forget(_ key: ShardKey) { watch.forget(key) }

    /// The lease's last renewal, if that has not changed for the duration of a lease.
    func unchanged(_ key: ShardKey, now: ContinuousClock.Instant = .now) -> LeaseRenewal? {
        watch.unchanged(key, now: now)
    }
}
