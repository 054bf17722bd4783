import HindsightPostgres

// Conditions on the column of a stored property, `\.total > 100`.

/// The column has this value; null equals null.
public func == <Row: ViewRow, Value: ViewValue>(path: KeyPath<Row, Value>, value: Value) -> ViewCondition<Row> {
    .column(path) { $0.isEqual(to: value) }
}

/// The column has another value; null differs from every value.
public func != <Row: ViewRow, Value: ViewValue>(path: KeyPath<Row, Value>, value: Value) -> ViewCondition<Row> {
    .column(path) { $0.isDistinct(from: value) }
}

/// The column's value is smaller; never true for null.
public func < <Row: ViewRow, Value: ViewValue>(path: KeyPath<Row, Value>, value: Value) -> ViewCondition<Row> {
    .column(path) { $0.compares("<", value) }
}

/// The column's value is smaller or equal; never true for null.
public func <= <Row: ViewRow, Value: ViewValue>(path: KeyPath<Row, Value>, value: Value) -> ViewCondition<Row> {
    .column(path) { $0.compares("<=", value) }
}

/// The column's value is larger; never true for null.
public func > <Row: ViewRow, Value: ViewValue>(path: KeyPath<Row, Value>, value: Value) -> ViewCondition<Row> {
    .column(path) { $0.compares(">", value) }
}

/// The column's value is larger or equal; never true for null.
public func >= <Row: ViewRow, Value: ViewValue>(path: KeyPath<Row, Value>, value: Value) -> ViewCondition<Row> {
    .column(path) { $0.compares(">=", value) }
}

/// Conditions on a declared column, such as one with closures.
extension Column where Row: ViewRow {
    private var comparison: ColumnComparison<Value> { ColumnComparison(name: name) }

    /// The column has this value; null equals null.
    public static func == (column: Column, value: Value) -> ViewCondition<Row> {
        ViewCondition(sql: column.comparison.isEqual(to: value))
    }

    /// The column has another value; null differs from every value.
    public static func != (column: Column, value: Value) -> ViewCondition<Row> {
        ViewCondition(sql: column.comparison.isDistinct(from: value))
    }

    /// The column's value is smaller; never true for null.
    public static func < (column: Column, value: Value) -> ViewCondition<Row> {
        ViewCondition(sql: column.comparison.compares("<", value))
    }

    /// The column's value is smaller or equal; never true for null.
    public static func <= (column: Column, value: Value) -> ViewCondition<Row> {
        ViewCondition(sql: column.comparison.compares("<=", value))
    }

    /// The column's value is larger; never true for null.
    public static func > (column: Column, value: Value) -> ViewCondition<Row> {
        ViewCondition(sql: column.comparison.compares(">", value))
    }

    /// The column's value is larger or equal; never true for null.
    public static func >= (column: Column, value: Value) -> ViewCondition<Row> {
        ViewCondition(sql: column.comparison.compares(">=", value))
    }

    /// The column's value is in the range, including its ends; never true for null.
    public func isIn(_ range: ClosedRange<Value>) -> ViewCondition<Row> where Value: Comparable {
        ViewCondition(sql: comparison.isBetween(range))
    }

    /// The column's value is one of these; null equals null.
    public func isOne(of values: [Value]) -> ViewCondition<Row> {
        ViewCondition(sql: comparison.isOne(of: values))
    }
}
