/// Watches which nodes do not renew their leases, by this process's own clock: the server's may be set back.
struct NodeWatch: Sendable {
    private struct Sighting: Sendable {
        let renewals: Int64
        let since: ContinuousClock.Instant
    }

    private let duration: Duration
    private var sightings: [Int64: Sighting] = [:]

    /// - Parameter duration: how long a lease lasts.
    init(duration: Duration) {
        self.duration = duration
    }

    /// The nodes that are alive: connected, and with a renewal within the time of a lease.
    mutating func living(_ nodes: [NodeRecord], now: ContinuousClock.Instant = .now) -> [NodeRecord] {
        var seen: [Int64: Sighting] = [:]
        let living = nodes.filter { node in
            guard node.isLiving else { return false }
            let sighting =
                if let known = sightings[node.number], known.renewals == node.renewals { known } else {
                    Sighting(renewals: node.renewals, since: now)
                }
            seen[node.number] = sighting
            return now - sighting.since < duration
        }
        sightings = seen
        return living
    }
}
