/// A column to order by.
struct ColumnOrder: Hashable, Sendable {
    var column: String
    var isDescending: Bool
}
