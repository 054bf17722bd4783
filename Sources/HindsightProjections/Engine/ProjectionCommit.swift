public import HindsightLog

/// What a projection has committed: how far it is, and which rows are others than before.
public struct ProjectionCommit: Sendable {
    /// The rows that a commit has changed.
    package enum Changes: Sendable {
        /// None: nothing was wanted of what lay in between.
        case none
        /// Those of these keys, an array of the row type's keys.
        case keys(any Sendable)
        /// Any of them, and perhaps all: statements of the projection's own, or other rows that were swapped in.
        case unknown
    }

    /// How many keys are told of singly. A commit that has changed more, while a projection catches up, says no more than that any row
    /// may have changed: 4,096.
    public static let maximumKeys = 4_096

    /// The projection's name.
    public let projection: String
    /// The version whose rows were written.
    public let version: Int
    /// Where it stood before. Where that is not the place of the commit that an observer saw last, it has missed some.
    public let start: Offset
    /// Where it stands now: everything up to here is in the view.
    public let offset: Offset
    let changes: Changes

    /// The keys whose rows were written or deleted, in no order; nil if any rows may have changed, or for another row type.
    public func keys<Row: ViewRow>(of row: Row.Type) -> [Row.Key]? {
        switch changes {
        case .none: []
        case .keys(let keys): keys as? [Row.Key]
        case .unknown: nil
        }
    }
}
