import HindsightLog

/// The outcome of a rebuild.
public struct RebuildReport: Sendable {
    /// How a rebuild ended.
    public enum Outcome: String, Hashable, Sendable {
        /// The new rows are behind the stable name.
        case swapped
        /// The new rows were compared with the old ones, and wait to be swapped in.
        case verified
        /// The new rows differ from the old ones, which are still shown, and wait to be swapped in
        /// (``RebuildOptions/Verification/requireEqual``).
        case differs
        /// Another process has finished the rebuild.
        case doneElsewhere = "done by another process"
    }

    /// The projection's name.
    public var name: String
    /// The version that was rebuilt.
    public var version: Int
    /// How it ended.
    public var outcome: Outcome
    /// The position up to which the new rows are folded.
    public var offset: Int64
    /// How many events were applied: exactly the events that the log holds for the projection up to the offset.
    public var eventsApplied: Int64
    /// How many rows the view has.
    public var rows: Int64
    /// The keys whose rows lack some of these events, because they were parked.
    public var parked = ParkedCount.none
    /// How long it took since its last start in this process.
    public var duration: Duration
    /// How the new rows differ from the old ones, if they were compared.
    public var comparison: RowComparison?
    /// Why the rows were not compared although this was requested: nothing was shown, or the old rows have another key.
    public var notCompared: String?
}

extension RebuildReport {
    /// Creates a report without results.
    init(of member: RebuildMember) {
        self.init(
            name: member.definition.name, version: member.definition.version, outcome: .swapped, offset: 0,
            eventsApplied: 0, rows: 0, duration: .zero, comparison: nil)
    }

    /// Takes over the result of a comparison.
    mutating func note(_ outcome: TableComparison.Outcome) {
        switch outcome {
        case .compared(let comparison): self.comparison = comparison
        case .nothingShown: notCompared = "nothing is shown yet"
        case .impossible(let reason): notCompared = reason
        }
    }

    /// Takes over the rebuild's progress.
    mutating func note(_ member: RebuildMember, since start: ContinuousClock.Instant) {
        offset = member.offset.position
        eventsApplied = member.checksum.count
        duration = .now - start
    }
}
