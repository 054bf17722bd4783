/// How far apart neighbouring events stand in the table, as recent reads have found it: how many blocks beyond those of
/// its first and last event must be read for a range, or that blocks are not worth reading.
package struct BlockMargin: Sendable {
    /// Shorter ranges are read by the index: looking for their blocks would not pay.
    private static let leastPositions: Int64 = 1_024
    private static let least: Int64 = 2
    private static let most: Int64 = 32
    /// After so many good ranges, a smaller margin is tried.
    private static let patience = 16

    private var blocks = least
    private var successes = 0
    /// How many ranges are read by the index before blocks are tried again,
    private var rest = 0
    /// and how many it will be the next time.
    private var pause = 64

    package init() {}

    /// The margin for the next range; nil if it is read by the index.
    package mutating func next(positions: Int64) -> Int64? {
        guard positions >= Self.leastPositions else { return nil }
        if rest > 0 {
            rest -= 1
            return nil
        }
        return blocks
    }

    /// Notes what came of reading a range with a margin.
    package mutating func note(_ outcome: BlockOutcome) {
        guard outcome.isComplete, outcome.dropped <= outcome.kept else { return miss() }
        successes += 1
        guard successes >= Self.patience else { return }
        successes = 0
        blocks = max(Self.least, blocks / 2)
        pause = 64
    }

    private mutating func miss() {
        successes = 0
        if blocks < Self.most {
            blocks *= 4
        } else {
            rest = pause
            pause = min(pause * 2, 4_096)
        }
    }
}
