public import HindsightPostgres

/// The table of a view: its stable name, key, columns and indexes.
public struct ViewTable<Row: ViewRow>: Sendable {
    /// The stable name that any SQL client reads from, and the name of the projection. 1 to 48 bytes.
    public let name: String
    /// The columns in declared order, the key's first.
    public let columns: [AnyColumn<Row>]
    /// How many of the columns, from the first, are the primary key.
    public let keyCount: Int
    /// The indexes besides the primary key.
    public let indexes: [ViewIndex]
    /// The key of a row.
    @usableFromInline let key: @Sendable (borrowing Row) -> Row.Key
    /// Whether two keys identify the same row, by ``ViewValue/isSame(as:)``.
    @usableFromInline let isSameKey: @Sendable (Row.Key, Row.Key) -> Bool
    /// The keys as array parameters, one for each key column.
    @usableFromInline let encodeKeys: @Sendable ([Row.Key]) throws -> [SQL]
    /// The key whose columns have these texts; nil if a text is not a value of its column's type.
    @usableFromInline let keyFromText: @Sendable ([String]) -> Row.Key?

    /// Creates a table with one key column.
    @inlinable
    public init(
        name: String, key: Column<Row, Row.Key>, columns: [any ViewColumn<Row>], indexes: [ViewIndex] = []
    ) where Row.Key: ViewValue {
        self.init(
            name: name, keys: [key.erased], columns: columns.map { $0.anyColumn }, indexes: indexes, key: key.get,
            isSameKey: { $0.isSame(as: $1) },
            encodeKeys: { keys in
                var values = PostgresArray<Row.Key>()
                for key in keys { try values.append(key) }
                return ["\(values)"]
            },
            keyFromText: { texts in texts.count == 1 ? Row.Key(columnText: texts[0]) : nil })
    }

    /// Creates a table with two key columns.
    @inlinable
    public init<First, Second>(
        name: String, key first: Column<Row, First>, _ second: Column<Row, Second>, columns: [any ViewColumn<Row>],
        indexes: [ViewIndex] = []
    ) where Row.Key == ViewKeyPair<First, Second> {
        self.init(
            name: name, keys: [first.erased, second.erased], columns: columns.map { $0.anyColumn }, indexes: indexes,
            key: { ViewKeyPair(first.get($0), second.get($0)) },
            isSameKey: { $0.first.isSame(as: $1.first) && $0.second.isSame(as: $1.second) },
            encodeKeys: { keys in
                var firsts = PostgresArray<First>()
                var seconds = PostgresArray<Second>()
                for key in keys {
                    try firsts.append(key.first)
                    try seconds.append(key.second)
                }
                return ["\(firsts)", "\(seconds)"]
            },
            keyFromText: { texts in
                guard texts.count == 2, let first = First(columnText: texts[0]),
                    let second = Second(columnText: texts[1])
                else { return nil }
                return ViewKeyPair(first, second)
            })
    }

    @usableFromInline
    init(
        name: String, keys: [AnyColumn<Row>], columns: [AnyColumn<Row>], indexes: [ViewIndex],
        key: @escaping @Sendable (borrowing Row) -> Row.Key,
        isSameKey: @escaping @Sendable (Row.Key, Row.Key) -> Bool,
        encodeKeys: @escaping @Sendable ([Row.Key]) throws -> [SQL],
        keyFromText: @escaping @Sendable ([String]) -> Row.Key?
    ) {
        self.name = name
        self.columns = keys + columns
        keyCount = keys.count
        self.indexes = indexes
        self.key = key
        self.isSameKey = isSameKey
        self.encodeKeys = encodeKeys
        self.keyFromText = keyFromText
    }
}

/// An index of a view besides its primary key.
public struct ViewIndex: Hashable, Sendable {
    /// The indexed columns, by name, in order.
    public var columns: [String]
    /// True if no two rows may have the same values.
    public var isUnique: Bool

    /// Creates an index on columns.
    public init<Row: Sendable>(_ columns: any ViewColumn<Row>..., unique: Bool = false) {
        self.columns = columns.map { $0.anyColumn.name }
        isUnique = unique
    }
}
