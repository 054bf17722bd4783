import HindsightProjections
import HindsightTestSupport

/// A shard whose folds kill processes, by chance: at some events always, and now and then by accident.
///
/// The store is as `take_shard()` and `suspect_shard()` are; how cautiously a process folds is decided by ``CrashCaution``.
struct CrashWorld {
    private static let batch = 12
    private static let tries: Int64 = 3

    private let events: Int64
    private let poison: Set<Int64>
    private let accidents: Int
    private var random: SeededGenerator
    // What the store knows.
    private var position: Int64 = 0
    private var crashes = 0
    private var crashesThere = 0
    private var crashedAt: Int64?
    private var suspect: ClosedRange<Int64>?
    private var isNoted = false
    /// What must never happen, and did.
    private(set) var violation: String?

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        events = Int64(1 + Self.chance(60, &random))
        var poison: Set<Int64> = []
        for _ in 0..<Self.chance(3, &random) { poison.insert(1 + Int64(Self.chance(Int(events), &random))) }
        self.poison = poison
        accidents = Self.chance(3, &random)
    }

    private static func chance(_ limit: Int, _ random: inout SeededGenerator) -> Int {
        Int(truncatingIfNeeded: random.next() >> 33) % limit
    }

    /// Runs processes until all events are folded, and mends each fold that stops it.
    mutating func run() {
        var mended: Set<Int64> = []
        var left = accidents
        var processes = 0
        while position < events, violation == nil {
            processes += 1
            // Each fold that traps kills one process unnoted, one in a noted batch, and three alone; an accident one more each.
            guard processes <= (poison.count + 1) * 6 + accidents * 3 + 4 else {
                violation = "\(processes) processes have died, and it is at \(position) of \(events)"
                return
            }
            if let stopped = take() {
                if !poison.contains(stopped), left == accidents { violation = "stopped at \(stopped), which is sound" }
                mended.insert(stopped)
                (crashes, crashesThere, suspect, crashedAt) = (0, 0, nil, nil)
                continue
            }
            live(mended, &left)
        }
        if violation == nil, accidents == 0, mended != poison {
            violation = "stopped at \(mended.sorted()), and the folds of \(poison.sorted()) trap"
        }
    }

    /// A process takes the shard over from one that has died.
    ///
    /// - Returns: where it is stopped, if it is.
    private mutating func take() -> Int64? {
        defer { isNoted = false }
        if isNoted, let suspect, suspect.upperBound > position {
            crashes += 1
            if suspect.lowerBound == suspect.upperBound {
                crashesThere = crashedAt == suspect.lowerBound ? crashesThere + 1 : 1
                crashedAt = suspect.lowerBound
            }
        } else if suspect.map({ $0.upperBound <= position }) ?? true {
            crashes = hasBegun ? 1 : 0
            suspect = nil
        }
        hasBegun = true
        guard crashesThere >= Self.tries, let suspect, suspect.lowerBound == suspect.upperBound else { return nil }
        return crashedAt == suspect.lowerBound ? suspect.lowerBound : nil
    }

    private var hasBegun = false

    /// A process folds until it dies or has folded everything.
    private mutating func live(_ mended: Set<Int64>, _ left: inout Int) {
        var caution = CrashCaution(crashes: crashes, suspect: suspect, position: position)
        while position < events {
            let positions = Array(position + 1...min(events, position + Int64(Self.batch)))
            let noted = caution.noted(of: positions)
            let folded = noted.map { Array(positions.prefix($0)) } ?? positions
            guard let first = folded.first, let last = folded.last else {
                violation = "a cautious process folds nothing"
                return
            }
            if noted != nil {
                if noted != folded.count { violation = "notes \(noted ?? 0) of \(folded.count) events" }
                suspect = first...last
                isNoted = true
            }
            let isFatal = folded.contains { poison.contains($0) && !mended.contains($0) }
            if isFatal { return }
            if left > 0, Self.chance(8, &random) == 0 {
                left -= 1
                return
            }
            position = last
            if caution.passed(last) {
                if caution.isOn { violation = "caution that has ended is on" }
                (isNoted, suspect, crashes, crashesThere) = (false, nil, 0, 0)
            }
        }
    }
}
