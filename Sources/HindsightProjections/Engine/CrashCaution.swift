import HindsightLog

/// How cautiously a shard is folded after it has crashed processes: in batches that are noted beforehand, and where a
/// process died within such a batch, event by event.
///
/// A fold that traps kills the whole process, and then the next one. The note identifies the event.
package struct CrashCaution: Hashable, Sendable {
    private enum Level: Hashable, Sendable {
        case none
        /// Batches are noted, for this many more of them.
        case batches(Int)
        /// Single events are noted, up to a position.
        case events(through: Int64)
    }

    /// The maximum number of events in a noted batch.
    package static let batchEvents = 500
    /// How many noted batches without a crash end the caution: together they have as many events as the largest batch
    /// that may have been in progress.
    private static let batches = 50

    private var level: Level

    /// No caution at all.
    package static let none = CrashCaution(level: .none)

    private init(level: Level) {
        self.level = level
    }

    /// The caution that the crashes recorded in the offset store require.
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

    /// True while folds must be noted.
    package var isOn: Bool { level != .none }

    /// How many of the next events are noted and folded together; nil if the rest needs no note.
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
