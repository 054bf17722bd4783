import HindsightLog

/// What the log holds of the types that a rebuild reads, counted after the reading and beside the work on the tables.
struct LoadProof {
    /// Counts that are under way.
    typealias Counts = ThrowingTaskGroup<LogProof, any Error>

    private let log: any EventLog
    private let types: Set<String>
    /// Up to where it was counted, or is about to be.
    private(set) var through: Int64 = 0
    private(set) var sums: [String: LogChecksum] = [:]
    /// True when the log has an event at each position, so that the readers have counted for themselves whether they saw all.
    private(set) var isDense = false

    /// How many positions are worth a statement of their own.
    private static let leastPositions: Int64 = 65_536
    /// How many statements count at once, a connection each.
    private let statements: Int64

    /// - Parameter statements: how many statements may count at once.
    init(log: any EventLog, types: Set<String>, statements: Int) {
        self.log = log
        self.types = types
        self.statements = Int64(statements)
    }

    /// Counts what follows up to a position, in several parts at once.
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

    /// Takes a proof in.
    mutating func add(_ proof: LogProof) {
        switch proof {
        case .dense: isDense = true
        case .counted(let counted):
            for (type, sum) in counted { sums[type, default: LogChecksum()].add(sum) }
        }
    }
}
