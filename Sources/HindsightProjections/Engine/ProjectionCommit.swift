public import HindsightLog

/// A commit of a projection: how far it has come, and which rows have changed.
public struct ProjectionCommit: Sendable {
    /// The rows that a commit has changed.
    package enum Changes: Sendable {
        /// None: the projection wanted no events in between.
        case none
        /// The rows of these keys, an array of the row type's keys.
        case keys(any Sendable)
        /// Any rows, possibly all: the projection ran its own statements, or other rows were swapped in.
        case unknown
    }

    /// How many keys a commit lists at most: 4,096. A commit that has changed more rows, while a projection catches up, says only that
    /// any row may have changed.
    public static let maximumKeys = 4_096

    /// The projection's name.
    public let projection: String
    /// The version whose rows were written.
    public let version: Int
    /// Where the projection stood before. If this is not the offset of the last commit that an observer saw, the
    /// observer has missed some.
    public let start: Offset
    /// Where the projection stands now: everything up to here is in the view.
    public let offset: Offset
    let changes: Changes

    /// The keys whose rows were written or deleted, in no order; nil if any rows may have changed, or for another row
    /// type.
    public func keys<Row: ViewRow>(of row: Row.Type) -> [Row.Key]? {
        switch changes {
        case .none: []
        case .keys(let keys): keys as? [Row.Key]
        case .unknown: nil
        }
    }
}
