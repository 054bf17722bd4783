import HindsightLog

/// Counts the log's events from the beginning, in steps so short that no snapshot is held for long.
struct LogCount {
    private let log: any EventLog
    private let filter: EventFilter
    private var through: Int64 = 0
    private var sums: [String: LogChecksum] = [:]

    /// How many positions a step has. If there are very many, most of them are empty, and steps are longer.
    private static let positions: Int64 = 500_000
    private static let steps: Int64 = 1_000

    init(log: any EventLog, types: Set<String>) {
        self.log = log
        filter = .types(types.sorted())
    }

    /// Counts the events up to a position.
    mutating func go(to end: Int64) async throws {
        let step = max(Self.positions, (end - through) / Self.steps)
        while through < end {
            try Task.checkCancellation()
            let next = min(end, through + step)
            for (type, sum) in try await log.checksums(after: through, through: next, filter: filter) {
                sums[type, default: LogChecksum()].add(sum)
            }
            through = next
        }
    }

    /// The checksum of the events of some types.
    func sum(of types: Set<String>) -> LogChecksum {
        types.reduce(into: LogChecksum()) { total, type in
            if let sum = sums[type] { total.add(sum) }
        }
    }
}
