/// Watches which nodes do not renew their leases (``RenewalWatch``).
struct NodeWatch: Sendable {
    private var watch: RenewalWatch<Int64, Int64>

    /// - Parameter duration: how long a lease lasts.
    init(duration: Duration) {
        watch = RenewalWatch(duration: duration)
    }

    /// The nodes that are alive: connected, and with a renewal within the time of a lease.
    mutating func living(_ nodes: [NodeRecord], now: ContinuousClock.Instant = .now) -> [NodeRecord] {
        let connected = nodes.filter(\.isLiving)
        watch.forgetAll(but: Set(connected.map(\.number)))
        return connected.filter { node in
            watch.note(node.number, node.renewals, now: now)
            return watch.unchanged(node.number, now: now) == nil
        }
    }
}
