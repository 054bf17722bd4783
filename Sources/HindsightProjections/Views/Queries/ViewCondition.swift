package import HindsightPostgres

/// A condition on a view's rows. Values are bound, never part of the text.
///
/// ```swift
/// OrderSummary.query.where(\.country == "France" && (\.total > 100 || .isOne(\.customer, of: ["12583", "13085"])))
/// ```
public struct ViewCondition<Row: ViewRow>: Sendable {
    let sql: Result<SQL, ViewQueryError>

    package init(sql: SQL) {
        self.sql = .success(sql)
    }

    init(_ sql: Result<SQL, ViewQueryError>) {
        self.sql = sql
    }

    /// True if both conditions hold.
    public static func && (left: ViewCondition, right: ViewCondition) -> ViewCondition {
        left.joined(right) { "(\(sql: $0) and \(sql: $1))" }
    }

    /// True if at least one of the conditions holds.
    public static func || (left: ViewCondition, right: ViewCondition) -> ViewCondition {
        left.joined(right) { "(\(sql: $0) or \(sql: $1))" }
    }

    /// True if the condition does not hold; the negation of a comparison that is never true for null always is.
    public static prefix func ! (condition: ViewCondition) -> ViewCondition {
        ViewCondition(condition.sql.map { "(\(sql: $0)) is not true" })
    }

    /// The column's value is in the range, including its ends; never true for null.
    public static func isIn<Value: ViewValue & Comparable>(
        _ path: KeyPath<Row, Value>, _ range: ClosedRange<Value>
    ) -> ViewCondition {
        column(path) { $0.isBetween(range) }
    }

    /// The column's value is one of these; null equals null.
    public static func isOne<Value: ViewValue>(_ path: KeyPath<Row, Value>, of values: [Value]) -> ViewCondition {
        column(path) { $0.isOne(of: values) }
    }

    /// A condition on the column of a property.
    static func column<Value: ViewValue>(
        _ path: KeyPath<Row, Value>, _ condition: (ColumnComparison<Value>) -> SQL
    ) -> ViewCondition {
        ViewCondition(Row.column(at: path).map { condition(ColumnComparison(name: $0.name)) })
    }

    private func joined(_ other: ViewCondition, _ join: (SQL, SQL) -> SQL) -> ViewCondition {
        ViewCondition(sql.flatMap { left in other.sql.map { join(left, $0) } })
    }
}
