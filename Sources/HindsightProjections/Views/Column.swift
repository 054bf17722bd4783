public import HindsightPostgres

/// A typed column of a view: its name, and where its value stands in a row.
///
/// ```swift
/// static let total = Column<OrderSummary, ExactDecimal>("total", get: { $0.total }, set: { $0.total = $1 })
/// ```
public struct Column<Row: Sendable, Value: ViewValue>: Sendable {
    /// The column's name in the table, 1 to 63 bytes.
    public let name: String
    /// The value in a row.
    public let get: @Sendable (borrowing Row) -> Value
    /// Puts a value into a row.
    public let set: @Sendable (inout Row, Value) -> Void
    @usableFromInline let erased: AnyColumn<Row>

    /// Creates a column.
    ///
    /// Inlinable, so that its loops over a batch's rows are specialized for the row type.
    @inlinable
    public init(
        _ name: String, get: @escaping @Sendable (borrowing Row) -> Value,
        set: @escaping @Sendable (inout Row, Value) -> Void
    ) {
        self.name = name
        self.get = get
        self.set = set
        erased = AnyColumn(
            name: name, type: Value.postgresType, isNullable: Value.isNullable,
            encode: { rows in
                var values = PostgresArray<Value>()
                for row in rows { try values.append(get(row)) }
                return "\(values)"
            },
            copy: { row, fields in try fields.append(get(row)) },
            heapBytes: { row in get(row).heapByteCount },
            decode: { source, index, row in set(&row, try source.decode(index, as: Value.self)) },
            text: { row in get(row).columnText },
            bind: { text in Value(columnText: text).map { "\($0)" } })
    }
}

/// A column of any type, for the parts of the engine that treat all columns alike.
public struct AnyColumn<Row: Sendable>: Sendable {
    /// The column's name in the table.
    public let name: String
    /// The column's type in the table.
    public let type: PostgresType
    /// True if the column may be null.
    public let isNullable: Bool
    /// The column's values in some rows, as one array parameter.
    @usableFromInline let encode: @Sendable ([Row]) throws -> SQL
    /// Appends the value of a row to a row of a COPY.
    @usableFromInline let copy: @Sendable (borrowing Row, inout PostgresCopyRow) throws -> Void
    /// The memory that a row's value takes outside of the row.
    @usableFromInline let heapBytes: @Sendable (borrowing Row) -> Int
    /// Puts the value of a result's row into a row.
    @usableFromInline let decode: @Sendable (PostgresRow, Int, inout Row) throws -> Void
    /// The value as text; nil for null.
    @usableFromInline let text: @Sendable (Row) -> String?
    /// A parameter from text; nil if the text is not a value of the column's type.
    @usableFromInline let bind: @Sendable (String) -> SQL?

    @usableFromInline
    init(
        name: String, type: PostgresType, isNullable: Bool, encode: @escaping @Sendable ([Row]) throws -> SQL,
        copy: @escaping @Sendable (borrowing Row, inout PostgresCopyRow) throws -> Void,
        heapBytes: @escaping @Sendable (borrowing Row) -> Int,
        decode: @escaping @Sendable (PostgresRow, Int, inout Row) throws -> Void,
        text: @escaping @Sendable (Row) -> String?, bind: @escaping @Sendable (String) -> SQL?
    ) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
        self.encode = encode
        self.copy = copy
        self.heapBytes = heapBytes
        self.decode = decode
        self.text = text
        self.bind = bind
    }
}

/// A column of a row type, whatever the type of its values; the element type of a table's list of columns.
public protocol ViewColumn<Row>: Sendable {
    /// The row type.
    associatedtype Row: Sendable
    /// The column without the type of its values.
    var anyColumn: AnyColumn<Row> { get }
}

extension Column: ViewColumn {
    /// The column without the type of its values.
    public var anyColumn: AnyColumn<Row> { erased }
}
