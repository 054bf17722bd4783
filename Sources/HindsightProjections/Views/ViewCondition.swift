package import HindsightPostgres

/// A condition on a view's rows. Values are bound, never part of the text.
public struct ViewCondition<Row: ViewRow>: Sendable {
    let sql: SQL

    package init(sql: SQL) {
        self.sql = sql
    }

    /// True if both conditions hold.
    public static func && (left: ViewCondition, right: ViewCondition) -> ViewCondition {
        ViewCondition(sql: "(\(sql: left.sql) and \(sql: right.sql))")
    }

    /// True if at least one of the conditions holds.
    public static func || (left: ViewCondition, right: ViewCondition) -> ViewCondition {
        ViewCondition(sql: "(\(sql: left.sql) or \(sql: right.sql))")
    }

    /// True if the condition does not hold; the negation of a comparison that is never true for null always is.
    public static prefix func ! (condition: ViewCondition) -> ViewCondition {
        ViewCondition(sql: "(\(sql: condition.sql)) is not true")
    }
}

extension Column where Row: ViewRow {
    private var identifier: SQL { "\(identifier: PostgresIdentifier(name))" }

    /// The column has this value; null equals null.
    public static func == (column: Column, value: Value) -> ViewCondition<Row> {
        ViewCondition(
            sql: value.columnText == nil
                ? "\(sql: column.identifier) is null" : "\(sql: column.identifier) = \(value)")
    }

    /// The column has another value; null differs from every value.
    public static func != (column: Column, value: Value) -> ViewCondition<Row> {
        ViewCondition(sql: "\(sql: column.identifier) is distinct from \(value)")
    }

    /// The column's value is smaller; never true for null.
    public static func < (column: Column, value: Value) -> ViewCondition<Row> {
        ViewCondition(sql: "\(sql: column.identifier) < \(value)")
    }

    /// The column's value is smaller or equal; never true for null.
    public static func <= (column: Column, value: Value) -> ViewCondition<Row> {
        ViewCondition(sql: "\(sql: column.identifier) <= \(value)")
    }

    /// The column's value is larger; never true for null.
    public static func > (column: Column, value: Value) -> ViewCondition<Row> {
        ViewCondition(sql: "\(sql: column.identifier) > \(value)")
    }

    /// The column's value is larger or equal; never true for null.
    public static func >= (column: Column, value: Value) -> ViewCondition<Row> {
        ViewCondition(sql: "\(sql: column.identifier) >= \(value)")
    }

    /// The column's value is in the range, including its ends; never true for null.
    public func isIn(_ range: ClosedRange<Value>) -> ViewCondition<Row> where Value: Comparable {
        ViewCondition(sql: "\(sql: identifier) between \(range.lowerBound) and \(range.upperBound)")
    }

    /// The column's value is one of these; null equals null.
    public func isOne(of values: [Value]) -> ViewCondition<Row> {
        let isAny: SQL = "\(sql: identifier) = any(\(values))"
        let hasNull = values.contains { $0.columnText == nil }
        return ViewCondition(sql: hasNull ? "(\(sql: isAny) or \(sql: identifier) is null)" : isAny)
    }
}
