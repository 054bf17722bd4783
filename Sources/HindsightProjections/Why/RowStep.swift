public import HindsightLog

/// An event that concerned a row, and the row before and after it.
///
/// Rows are the texts of their columns in declared order (``RowExplanation/columns``), nil for null.
public struct RowStep: Hashable, Sendable {
    /// The event.
    public var event: RecordedEvent
    /// The row before the event; nil if there was none.
    public var before: [String?]?
    /// The row after the event; nil if there is none any more.
    public var after: [String?]?

    /// Creates a step.
    public init(event: RecordedEvent, before: [String?]?, after: [String?]?) {
        self.event = event
        self.before = before
        self.after = after
    }

    /// The indexes of the columns that the event changed; all of them if it made the row or deleted it, none if it left the
    /// row as it was.
    public var changes: [Int] {
        switch (before, after) {
        case (nil, nil): []
        case (nil, let row?), (let row?, nil): Array(row.indices)
        case (let before?, let after?): after.indices.filter { before[$0] != after[$0] }
        }
    }
}
