import HindsightLog

/// The log's checksums of the types that a rebuild reads, counted after the reading, while the tables are worked on.
struct LoadProof {
    /// Counts that are under way.
    typealias Counts = ThrowingTaskGroup<LogProof, any Error>

    private let log: any EventLog
    private let types: Set<String>
    /// The position up to which counts are done or under way.
    private(set) var through: Int64 = 0
    private(set) var sums: [String: LogChecksum] = [:]
    /// True if the log has an event at each position, so that the readers' own counts show whether they saw all.
    private(set) var isDense = false

    /// The smallest number of positions that is worth a separate statement.
    private static let leastPositions: Int64 = 65_536
    /// How many statements count at once, each on its own connection.
    private let statements: Int64

    /// - Parameter statements: how many statements may count at once.
    init(log: any EventLog, types: Set<String>, statements: Int) {
        self.log = log
        self.types = types
        self.statements = Int64(statements)
    }

    /// Counts the rest up to a position, in several parts at once.
    mutating func count(through end: Int64, in counts: inout Counts) {
        let parts = max(1, min(statements, (end - through) / Self.leastPositions))
        let (log, types) = (log, types.sorted())
        for part in 0..<parts {
            let low = through + (end - through) / parts * part
            let high = part == parts - 1 ? end : through + (end - through) / parts * (part + 1)
            counts.addTask { try await log.proof(after: low, through: high, types: types) }
        }
        through = max(through, end)
    }

    /// Adds the result of a count.
    mutating func add(_ proof: LogProof) {
        switch proof {
        case .dense: isDense = true
        case .counted(let counted):
            for (type, sum) in counted { sums[type, default: LogChecksum()].add(sum) }
        }
    }
}
