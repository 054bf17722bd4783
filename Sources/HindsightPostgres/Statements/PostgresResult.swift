/// The rows that a statement returned, in memory.
public struct PostgresResult: Sendable {
    @usableFromInline let storage: ResultStorage

    init(_ storage: ResultStorage) {
        self.storage = storage
    }

    /// How many rows the statement inserted, updated, deleted or returned.
    public var rowsAffected: Int { storage.rowsAffected }

    /// The names of the columns, in order.
    public var columnNames: [String] { (0..<storage.columnCount).map(storage.name(ofColumn:)) }

    /// The types of the columns, in order.
    public var columnTypes: [PostgresType] { (0..<storage.columnCount).map(storage.type(ofColumn:)) }
}

extension PostgresResult: RandomAccessCollection {
    /// Zero.
    @inlinable public var startIndex: Int { 0 }
    /// How many rows there are.
    @inlinable public var endIndex: Int { storage.rowCount }

    /// The row at a zero-based index.
    @inlinable
    public subscript(position: Int) -> PostgresRow {
        precondition(position >= 0 && position < storage.rowCount, "row out of range")
        return PostgresRow(storage: storage, index: position)
    }
}
