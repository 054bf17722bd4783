public import HindsightPostgres
public import HindsightValues

/// A typed column of a view: its name, and where its value stands in a row.
///
/// A table that is declared by key paths alone makes its columns itself (``ViewTable``). A column that is declared says
/// what a key path does not: another name, or a `numeric` of a fixed scale.
///
/// ```swift
/// Column(\.total)                            // total
/// Column("amount", \.total)                  // amount
/// Column(\.total, precision: 12, scale: 2)   // total numeric(12,2)
/// ```
public struct Column<Row: Sendable, Value: ViewValue>: Sendable {
    /// The column's name in the table, 1 to 63 bytes.
    public let name: String
    @usableFromInline let erased: AnyColumn<Row>
    /// The value in a row.
    @usableFromInline let get: @Sendable (UnsafePointer<Row>) -> Value
    /// Puts a value into a row.
    @usableFromInline let put: @Sendable (Value, UnsafeMutablePointer<Row>) -> Void
    /// Whether a row has a value that the database considers the same.
    @usableFromInline let holds: @Sendable (UnsafePointer<Row>, Value) -> Bool

    /// A column for a stored property, with the property's name in snake case.
    ///
    /// - Parameter path: the property. A computed property traps: such a column is declared with ``init(_:get:set:)``.
    @inlinable
    public init(_ path: WritableKeyPath<Row, Value>) {
        self.init(nil, path, ColumnType(Value.ColumnForm.postgresType), Value.columnCoder)
    }

    /// A column for a stored property, with a name of its own.
    ///
    /// - Parameters:
    ///   - name: the column's name.
    ///   - path: the property. A computed property traps: such a column is declared with ``init(_:get:set:)``.
    @inlinable
    public init(_ name: String, _ path: WritableKeyPath<Row, Value>) {
        self.init(name, path, ColumnType(Value.ColumnForm.postgresType), Value.columnCoder)
    }

    /// A column for a value that is not stored as such: one that is computed, or a part of another.
    ///
    /// Where a stored property will do, ``init(_:_:)`` is shorter, and cannot read one property and write another.
    ///
    /// - Parameters:
    ///   - get: the value in a row.
    ///   - set: puts a value into a row; it must leave the values of all other columns as they are.
    @inlinable
    public init(
        _ name: String, get: @escaping @Sendable (borrowing Row) -> Value,
        set: @escaping @Sendable (inout Row, Value) -> Void
    ) {
        let access = ComputedAccess(get: get, set: set)
        self.init(
            AnyColumn(
                name: name, type: ColumnType(Value.ColumnForm.postgresType), isNullable: Value.isNullable,
                property: nil, coder: ColumnCoder(access) { _ in }),
            name, access, offset: 0)
    }

    /// A column for a stored property; nil for its own name in snake case.
    @inlinable
    init(_ name: String?, _ path: WritableKeyPath<Row, Value>, _ type: ColumnType, _ coder: ColumnCoder) {
        let property = StoredProperty(path)
        let name = name ?? property.columnName
        self.init(
            AnyColumn(
                name: name, type: type, isNullable: Value.isNullable, property: property,
                coder: coder),
            name, StoredAccess<Value>(), offset: property.offset)
    }

    @inlinable
    init(_ column: AnyColumn<Row>, _ name: String, _ access: some ColumnAccess<Value>, offset: Int) {
        self.name = name
        erased = column
        get = { row in access.read(UnsafeRawPointer(row) + offset) { copy $0 } }
        put = { value, row in access.write(value, to: UnsafeMutableRawPointer(row) + offset) }
        holds = { row, value in access.read(UnsafeRawPointer(row) + offset) { $0.isSame(as: value) } }
    }
}

extension Column where Value == ExactDecimal {
    /// A `numeric` column of a fixed precision and scale, such as an amount of money.
    ///
    /// Values are stored as they are, or not at all: one that has more digits stops the projection.
    ///
    /// - Parameters:
    ///   - path: the property.
    ///   - named: the column's name. Defaults to `nil`: the property's name in snake case.
    ///   - precision: the number of digits in all, 1 to 38.
    ///   - scale: how many of them come after the point, from 0 to the precision.
    @inlinable
    public init(_ path: WritableKeyPath<Row, Value>, named name: String? = nil, precision: Int, scale: Int) {
        let type = ColumnType(precision: precision, scale: scale)
        self.init(name, path, type, ColumnCoder(StoredAccess()) { try type.check($0) })
    }
}

extension Column where Value == ExactDecimal? {
    /// A `numeric` column of a fixed precision and scale that may be null, such as an amount of money.
    ///
    /// Values are stored as they are, or not at all: one that has more digits stops the projection.
    ///
    /// - Parameters:
    ///   - path: the property.
    ///   - named: the column's name. Defaults to `nil`: the property's name in snake case.
    ///   - precision: the number of digits in all, 1 to 38.
    ///   - scale: how many of them come after the point, from 0 to the precision.
    @inlinable
    public init(_ path: WritableKeyPath<Row, Value>, named name: String? = nil, precision: Int, scale: Int) {
        let type = ColumnType(precision: precision, scale: scale)
        let coder = ColumnCoder(StoredAccess<ExactDecimal?>()) { value in
            if let value { try type.check(value) }
        }
        self.init(name, path, type, coder)
    }
}
