/// One row of a result. It keeps the whole result alive.
public struct PostgresRow: Sendable {
    @usableFromInline let storage: ResultStorage
    @usableFromInline let index: Int

    @inlinable
    init(storage: ResultStorage, index: Int) {
        self.storage = storage
        self.index = index
    }

    /// How many columns the row has.
    public var columnCount: Int { storage.columnCount }

    /// Reads a column.
    ///
    /// ```swift
    /// let name = try row.decode(0, as: String.self)
    /// let email: String? = try row.decode(1)
    /// ```
    ///
    /// - Parameters:
    ///   - column: the column's number, from zero.
    ///   - type: the type to read it as; an optional type accepts null.
    /// - Throws: ``PostgresError`` with code `decoding` if the field cannot be read as that type, `misuse` if there is
    ///   no such column.
    @inlinable
    public func decode<T: PostgresDecodable>(_ column: Int, as type: T.Type = T.self) throws -> T {
        guard column >= 0, column < storage.columnCount else {
            throw PostgresError(.misuse, "the result has no column number \(column)")
        }
        do {
            let value = try T(
                postgresField: storage.field(row: index, column: column), type: storage.type(ofColumn: column))
            withExtendedLifetime(storage) {}
            return value
        } catch {
            throw failure(error, column: column)
        }
    }

    /// Reads a column by its name. Reading by number is faster.
    ///
    /// - Throws: as ``decode(_:as:)-(Int,_)`` does.
    @inlinable
    public func decode<T: PostgresDecodable>(_ column: String, as type: T.Type = T.self) throws -> T {
        try decode(try number(ofColumn: column), as: type)
    }

    /// Calls `body` with the bytes of a field, `nil` for null, in PostgreSQL's binary form.
    ///
    /// - Throws: ``PostgresError`` with code `misuse` if there is no such column; what `body` throws.
    @inlinable
    public func withBytes<R>(_ column: Int, _ body: (UnsafeRawBufferPointer?) throws -> R) throws -> R {
        guard column >= 0, column < storage.columnCount else {
            throw PostgresError(.misuse, "the result has no column number \(column)")
        }
        return try withExtendedLifetime(storage) {
            try body(storage.field(row: index, column: column))
        }
    }

    /// The number of the column with this name.
    ///
    /// - Throws: ``PostgresError`` with code `misuse` if there is none.
    public func number(ofColumn name: String) throws -> Int {
        guard let column = storage.column(named: name) else {
            throw PostgresError(.misuse, "the result has no column named \(name)")
        }
        return column
    }

    /// Adds the column's name to a decoding error.
    @usableFromInline
    @inline(never)
    func failure(_ error: any Error, column: Int) -> any Error {
        (error as? PostgresError)?.naming(column: storage.name(ofColumn: column)) ?? error
    }
}
