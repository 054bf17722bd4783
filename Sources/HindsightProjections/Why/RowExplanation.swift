public import HindsightLog

/// Why a row of a view looks as it does: the events that made it, folded one by one.
///
/// Rows are the texts of their columns in the order of ``columns``, nil for null.
public struct RowExplanation: Hashable, Sendable {
    /// Whether the folded row is the one that is stored.
    public enum Comparison: Hashable, Sendable {
        /// The view has this row, or neither has one.
        case same
        /// The view has another row, nil for none: not these folds have made it from these events. An older version of the
        /// code was at work, or somebody has changed the row by hand.
        case differs(stored: [String?]?)
        /// The two were not compared, for this reason.
        case notCompared(Reason)
    }

    /// Why the row was not compared with the one that is stored.
    public enum Reason: Hashable, Sendable {
        /// No version of the view is shown yet.
        case notShown
        /// Another version is shown, whose folds this program does not declare.
        case otherVersion(Int)
        /// The view stands at another position than the one that was asked about.
        case otherPosition(Int64)
        /// The view was set back meanwhile, or another table took its place.
        case changedMeanwhile
    }

    /// An event that cannot be applied.
    public struct Failure: Hashable, Sendable {
        /// The event.
        public var event: RecordedEvent
        /// What the fold, the decoder or the closure for the key threw.
        public var error: String
    }

    /// The projection's name.
    public var name: String
    /// The version whose folds were used.
    public var version: Int
    /// The names of the columns in declared order, the key's first.
    public var columns: [String]
    /// The texts of the key's columns.
    public var key: [String]
    /// The last of the steps, as many as were asked for, in order.
    public var steps: [RowStep] = []
    /// How many steps there were.
    public var stepCount = 0
    /// The row at ``position``; nil if there is none. If it is compared, its values are as the database stores them.
    public var row: [String?]?
    /// The position up to which the row was folded.
    public var position: Int64
    /// The event at which the explanation ends, because it cannot be applied. ``row`` is the row before it.
    public var failure: Failure?
    /// Where and why the projection has stopped, if it has: later events are not in the view.
    public var stop: String?
    /// Whether it is the row that is stored.
    public var comparison: Comparison
}
