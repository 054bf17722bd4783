import HindsightLog

/// Counts the log's events from the beginning, in steps so short that no snapshot is held for long, several at once.
struct LogCount {
    private let log: any EventLog
    private let types: Set<String>
    private(set) var through: Int64 = 0
    private(set) var sums: [String: LogChecksum] = [:]

    /// How many positions a step has. If there are very many, most of them are empty, and steps are longer.
    private static let positions: Int64 = 500_000
    private static let steps: Int64 = 1_000
    /// How many steps are counted at once, each on a connection of its own.
    private static let statements = 2

    init(log: any EventLog, types: Set<String>) {
        self.log = log
        self.types = types
    }

    /// Goes on from what was counted before, if that is for all of the types and lies below a position.
    mutating func begin(at counted: CountedEvents, below position: Int64) {
        guard through == 0, counted.offset.position <= position, types.isSubset(of: Set(counted.sums.keys)) else {
            return
        }
        through = counted.offset.position
        sums = counted.sums.filter { types.contains($0.key) }
    }

    /// Counts the events up to a position.
    mutating func go(to end: Int64) async throws {
        let filter = EventFilter.types(types.sorted())
        let size = max(Self.positions, (end - through) / Self.steps)
        let starts = Array(stride(from: through, to: end, by: Int64.Stride(size)))
        let log = log
        let counted = try await withThrowingTaskGroup(of: [String: LogChecksum].self) { parts in
            var sums: [String: LogChecksum] = [:]
            for (index, start) in starts.enumerated() {
                if index >= Self.statements, let part = try await parts.next() { Self.add(part, to: &sums) }
                parts.addTask {
                    try await log.checksums(after: start, through: min(end, start + size), filter: filter)
                }
            }
            for try await part in parts { Self.add(part, to: &sums) }
            return sums
        }
        Self.add(counted, to: &sums)
        through = max(through, end)
    }

    /// The checksum of the events of some types.
    func sum(of types: Set<String>) -> LogChecksum {
        types.reduce(into: LogChecksum()) { total, type in
            if let sum = sums[type] { total.add(sum) }
        }
    }

    private static func add(_ part: [String: LogChecksum], to sums: inout [String: LogChecksum]) {
        for (type, sum) in part { sums[type, default: LogChecksum()].add(sum) }
    }
}
