import HindsightLog

/// The log's checksums of the types that a rebuild reads. What the reading has not proven by itself is counted after it,
/// while the tables are worked on.
struct LoadProof {
    /// Counts that are under way.
    typealias Counts = ThrowingTaskGroup<[LogProof], any Error>

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
        let shares = proven.shares(after: through, through: end, atMost: statements, ofAtLeast: Self.leastPositions)
        for share in shares {
            counts.addTask { [log, types = types.sorted()] in
                var proofs: [LogProof] = []
                for span in share {
                    proofs.append(try await log.proof(after: span.low, through: span.high, types: types))
                }
                return proofs
            }
        }
        through = max(through, end)
    }

    /// Adds the results of counts.
    mutating func add(_ proofs: [LogProof]) {
        for proof in proofs {
            switch proof {
            case .dense: isDense = true
            case .counted(let counted):
                for (type, sum) in counted { self.counted[type, default: LogChecksum()].add(sum) }
            }
        }
    }
}
