/// A row of a view: a plain value whose stored properties are the columns of a table.
///
/// ```swift
/// struct OrderSummary: ViewRow {
///     var orderID = ""
///     var lines = 0
///     var total: ExactDecimal = 0
///
///     static let table = ViewTable("order_summary", of: Self(), key: \.orderID, \.lines, \.total)
/// }
/// ```
///
/// Every stored property has a column: one without would be lost when the row leaves the memory, so that `run` and
/// `rebuild` would differ. The engine refuses such a row when it starts (``ViewTable/validate()``).
public protocol ViewRow: Sendable {
    /// What identifies a row: the type of the key column, or ``ViewKeyPair`` for two of them. It follows from the table.
    associatedtype Key: Hashable & Sendable

    /// The table: its name, key, columns and indexes.
    static var table: ViewTable<Self, Key> { get }
}
