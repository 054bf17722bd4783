/// A row of a view: a plain value with typed columns, from which the engine makes and checks the table.
///
/// ```swift
/// struct OrderSummary: ViewRow {
///     typealias Key = String
///     var orderID = ""
///     var lines = 0
///     static let orderID = Column<Self, String>("order_id", get: { $0.orderID }, set: { $0.orderID = $1 })
///     static let lines = Column<Self, Int>("lines", get: { $0.lines }, set: { $0.lines = $1 })
///     static let table = ViewTable(name: "order_summary", key: orderID, columns: [lines])
/// }
/// ```
public protocol ViewRow: Sendable {
    /// What identifies a row: the type of the key column, or ``ViewKeyPair`` for two of them.
    associatedtype Key: Hashable & Sendable

    /// The table: its name, key, columns and indexes.
    static var table: ViewTable<Self> { get }

    /// Creates a row; when rows are read, all columns are set afterwards.
    init()
}
