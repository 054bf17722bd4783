import HindsightLog

/// The log's checksums of the types that a rebuild reads. What the reading has not proven by itself is counted after it,
/// while the tables are worked on.
struct LoadProof {
    /// Counts that are under way.
    typealias Counts = ThrowingTaskGroup<LogProof, any Error>

    private let log: any EventLog
    private let types: Set<String>
    /// The position up to which counts are done or under way.
    private(set) var through: Int64 = 0
    private var counted: [String: LogChecksum] = [:]
    /// What the reading has proven.
    private var proven = ProvenRanges()
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

    /// What the log holds up to there, by type.
    var sums: [String: LogChecksum] {
        proven.sums.merging(counted) { proven, counted in
            var sum = proven
            sum.add(counted)
            return sum
        }
    }

    /// Adds what a reading has proven.
    mutating func add(_ other: ProvenRanges) {
        proven.add(other)
    }

    /// Counts the rest up to a position, in several parts at once.
    mutating func count(through end: Int64, in counts: inout Counts) {
        for gap in proven.gaps(through: end) where gap.high > through {
            count(ProvenRanges.Span(low: max(gap.low, through), high: gap.high), in: &counts)
        }
        through = max(through, end)
    }

    private func count(_ span: ProvenRanges.Span, in counts: inout Counts) {
        let size = span.high - span.low
        let parts = max(1, min(statements, size / Self.leastPositions))
        let (log, types) = (log, types.sorted())
        for part in 0..<parts {
            let low = span.low + size / parts * part
            let high = part == parts - 1 ? span.high : span.low + size / parts * (part + 1)
            counts.addTask { try await log.proof(after: low, through: high, types: types) }
        }
    }

    /// Adds the result of a count.
    mutating func add(_ proof: LogProof) {
        switch proof {
        case .dense: isDense = true
        case .counted(let counted):
            for (type, sum) in counted { self.counted[type, default: LogChecksum()].add(sum) }
        }
    }
}
