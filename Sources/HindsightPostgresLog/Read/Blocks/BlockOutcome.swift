/// What came of reading a range from its blocks.
package struct BlockOutcome: Hashable, Sendable {
    /// True if all events of the range were read.
    package var isComplete: Bool
    /// How many events were kept,
    package var kept: Int
    /// and how many belong to other ranges.
    package var dropped: Int

    package init(isComplete: Bool, kept: Int = 0, dropped: Int = 0) {
        self.isComplete = isComplete
        self.kept = kept
        self.dropped = dropped
    }
}
