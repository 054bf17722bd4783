import HindsightLog

/// How carefully a shard is folded after processes have died over it: in batches that are noted beforehand, and where one died
/// within such a batch, event by event.
///
/// A fold that traps takes the whole process along, and the next one again. What was noted says which event it was.
package struct CrashCaution: Hashable, Sendable {
    private enum Level: Hashable, Sendable {
        case none
        /// Batches are noted, so many more of them.
        case batches(Int)
        /// Single events are noted, up to a position.
        case events(through: Int64)
    }

    /// How many events a noted batch has at most.
    package static let batchEvents = 500
    /// How many noted batches without a crash end the caution: as many events as the largest batch may have had that was at work.
    private static let batches = 50

    private var level: Level

    /// No caution at all.
    package static let none = CrashCaution(level: .none)

    private init(level: Level) {
        self.level = level
    }

    /// What the offset store's account of crashes calls for.
    init(after state: ShardState) {
        self.init(crashes: state.crashes, suspect: state.suspect, position: state.offset.position)
    }

    /// - Parameters:
    ///   - crashes: how many processes in a row have died.
    ///   - suspect: the positions that the last of them had noted.
    ///   - position: up to where events are applied.
    package init(crashes: Int, suspect: ClosedRange<Int64>?, position: Int64) {
        if crashes == 0 {
            level = .none
        } else if let suspect, suspect.upperBound > position {
            level = .events(through: suspect.upperBound)
        } else {
            level = .batches(Self.batches)
        }
    }

    /// True while something is to be noted.
    package var isOn: Bool { level != .none }

    /// How the next events are to be folded: how many of them, from the first, are noted together. Nil: the rest needs no note.
    package func noted(of positions: some RandomAccessCollection<Int64>) -> Int? {
        switch level {
        case .none: nil
        case .batches: min(positions.count, Self.batchEvents)
        case .events(let end): positions.first.map { $0 <= end } ?? false ? 1 : nil
        }
    }

    /// Notes that everything up to a position is folded and committed.
    ///
    /// - Returns: true if that ends the caution.
    package mutating func passed(_ position: Int64) -> Bool {
        switch level {
        case .none:
            return false
        case .batches(let left) where left > 1:
            level = .batches(left - 1)
            return false
        case .events(let end) where position < end:
            return false
        case .batches, .events:
            level = .none
            return true
        }
    }
}
