import HindsightPostgres
public import HindsightValues

/// A table with the rows of a projection's version, or the record of one that was dropped.
public struct ProjectionVersion: Hashable, Sendable {
    /// What a version's table is for.
    public enum Role: String, Hashable, Sendable {
        /// The stable name shows it.
        case active
        /// It is not shown; processes that declare the version keep it up to date.
        case kept
        /// The engine fills it, and shows it when it has caught up.
        case filling
        /// A rebuild fills it.
        case rebuilding
        /// It was dropped when another version replaced it.
        case dropped
    }

    /// The version of the projection.
    public var version: Int
    /// What its table is for.
    public var role: Role
    /// The table, in the engine's schema; nil once it has been dropped.
    public var table: String?
    /// The position up to which it has been applied.
    public var offset: Int64
    /// How many positions that is behind the log's frontier.
    public var lag: Int64
    /// How many events it has applied.
    public var eventsApplied: Int64
    /// The size of the table and its indexes.
    public var bytes: Int64
    /// When it was last put behind the stable name.
    public var shownAt: Timestamp?
    /// When it was created.
    public var createdAt: Timestamp
    /// The process that works on it.
    public var node: String?

    init(_ row: PostgresRow, head: Int64) throws {
        version = try row.decode(0, as: Int.self)
        table = try row.decode(2)
        shownAt = try row.decode(4)
        createdAt = try row.decode(6)
        offset = try row.decode(7)
        lag = max(0, head - offset)
        eventsApplied = try row.decode(8)
        node = try row.decode(9, as: Bool.self) ? try row.decode(10) : nil
        bytes = try row.decode(11, as: Int64?.self) ?? 0
        let kind = ShardKey.Kind(rawValue: try row.decode(1))
        if try row.decode(5, as: Bool.self) {
            role = .dropped
            (offset, lag, eventsApplied) = (0, 0, 0)
        } else if try row.decode(3, as: Bool.self) {
            role = .active
        } else if kind == .rebuild {
            role = .rebuilding
        } else {
            role = kind == .kept || shownAt != nil ? .kept : .filling
        }
    }
}
