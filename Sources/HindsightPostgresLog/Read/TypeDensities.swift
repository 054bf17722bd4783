import HindsightLog

/// The share of events that recent reads wanted, by filter: dense types are read by scanning, rare ones by seeking.
struct TypeDensities: Sendable {
    /// How to read the log.
    enum Plan: Hashable, Sendable {
        /// Scan this many positions and keep the wanted events.
        case scan(window: Int64)
        /// Look up each type in the index, and skip all other events unseen.
        case seek
    }

    private var densities: [EventFilter: Double] = [:]

    /// The plan for a read of at most `limit` events out of `span` positions.
    func plan(for filter: EventFilter, limit: Int, span: Int64) -> Plan {
        switch filter {
        case .all:
            return .scan(window: span)
        case .category:
            return .seek
        case .types(let types):
            if types.count == 1 { return .seek }
            if span <= Int64(limit) { return .scan(window: span) }
            // Below a tenth, index look-ups that find only wanted events cost less than a scan.
            let density = densities[filter] ?? 1
            return density < 0.1 ? .seek : .scan(window: Int64(Double(limit) / density))
        }
    }

    /// Notes that a read over `span` positions found `found` wanted events.
    mutating func note(_ found: Int, over span: Int64, for filter: EventFilter) {
        guard span > 0, case .types(let types) = filter, types.count > 1 else { return }
        // A program has few filters; one that keeps creating new ones starts over.
        if densities.count > 1_000 { densities.removeAll() }
        densities[filter] = max(0.001, min(1, Double(found) / Double(span)))
    }
}
