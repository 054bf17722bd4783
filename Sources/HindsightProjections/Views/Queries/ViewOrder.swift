import HindsightPostgres

/// A column that rows are ordered by, and in which direction.
public struct ViewOrder<Row: ViewRow>: Sendable {
    /// In which direction rows are ordered.
    public enum Direction: Sendable {
        /// Smallest first, nulls last.
        case ascending
        /// Largest first, nulls first.
        case descending
    }

    let column: Result<AnyColumn<Row>, ViewQueryError>
    let isDescending: Bool

    package init(column: AnyColumn<Row>, isDescending: Bool) {
        self.column = .success(column)
        self.isDescending = isDescending
    }

    /// By a column, in a direction.
    public init<Value: ViewValue>(_ path: KeyPath<Row, Value>, _ direction: Direction) {
        column = Row.column(at: path)
        isDescending = direction == .descending
    }

    /// Smallest first, nulls last.
    public static func ascending<Value: ViewValue>(_ path: KeyPath<Row, Value>) -> ViewOrder {
        ViewOrder(path, .ascending)
    }

    /// Largest first, nulls first.
    public static func descending<Value: ViewValue>(_ path: KeyPath<Row, Value>) -> ViewOrder {
        ViewOrder(path, .descending)
    }

    /// Smallest first, nulls last.
    public static func ascending<Value>(_ column: Column<Row, Value>) -> ViewOrder {
        ViewOrder(column: column.erased, isDescending: false)
    }

    /// Largest first, nulls first.
    public static func descending<Value>(_ column: Column<Row, Value>) -> ViewOrder {
        ViewOrder(column: column.erased, isDescending: true)
    }
}
