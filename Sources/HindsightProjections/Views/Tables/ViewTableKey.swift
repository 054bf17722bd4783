public import HindsightPostgres

/// The key of a table: the columns that it takes, and how a key is found in them.
@usableFromInline
package struct ViewTableKey<Row: Sendable, Key: Hashable & Sendable>: Sendable {
    /// The key's columns.
    let columns: [AnyColumn<Row>]
    /// The key of a row.
    @usableFromInline let get: @Sendable (UnsafePointer<Row>) -> Key
    /// Gives a row a key.
    @usableFromInline let put: @Sendable (Key, UnsafeMutablePointer<Row>) -> Void
    /// Whether a row has a key, as the database compares them.
    @usableFromInline let holds: @Sendable (UnsafePointer<Row>, Key) -> Bool
    /// Whether two keys identify the same row, by ``ViewValue/isSame(as:)``.
    @usableFromInline let isSame: @Sendable (Key, Key) -> Bool
    /// The keys as array parameters, one for each key column.
    let encode: @Sendable ([Key]) throws -> [SQL]
    /// The texts of the key's columns, the same for keys that the database takes for equal.
    let texts: @Sendable (Key) -> [String]
    /// The key whose columns have these texts; nil if a text is not a value of its column's type.
    let fromText: @Sendable ([String]) -> Key?
    /// The key in a result's row, whose first columns it is.
    let decode: @Sendable (PostgresRow) throws -> Key
    /// Keys to try the row type with.
    let samples: @Sendable () -> [Key]

    /// A key of one column.
    @inlinable
    init(_ column: Column<Row, Key>) where Key: ViewValue {
        self.init(
            columns: [column.erased], get: column.get, put: column.put, holds: column.holds,
            isSame: { $0.isSame(as: $1) },
            encode: { keys in
                var values = PostgresArray<Key.ColumnForm>()
                for key in keys { try values.append(key.columnForm) }
                return ["\(values)"]
            },
            texts: { [$0.keyText] },
            fromText: { texts in texts.count == 1 ? Key(columnText: texts[0]) : nil },
            decode: { Key(columnForm: try $0.decode(0)) }, samples: { Key.samples })
    }

    /// A key of two columns.
    @inlinable
    init<First: ViewValue, Second: ViewValue>(
        _ first: Column<Row, First>, _ second: Column<Row, Second>
    ) where Key == ViewKeyPair<First, Second> {
        self.init(
            columns: [first.erased, second.erased],
            get: { ViewKeyPair(first.get($0), second.get($0)) },
            put: { key, row in
                first.put(key.first, row)
                second.put(key.second, row)
            },
            holds: { row, key in first.holds(row, key.first) && second.holds(row, key.second) },
            isSame: { $0.first.isSame(as: $1.first) && $0.second.isSame(as: $1.second) },
            encode: { keys in
                var firsts = PostgresArray<First.ColumnForm>()
                var seconds = PostgresArray<Second.ColumnForm>()
                for key in keys {
                    try firsts.append(key.first.columnForm)
                    try seconds.append(key.second.columnForm)
                }
                return ["\(firsts)", "\(seconds)"]
            },
            texts: { [$0.first.keyText, $0.second.keyText] },
            fromText: { texts in
                guard texts.count == 2, let first = First(columnText: texts[0]),
                    let second = Second(columnText: texts[1])
                else { return nil }
                return ViewKeyPair(first, second)
            },
            decode: { ViewKeyPair(First(columnForm: try $0.decode(0)), Second(columnForm: try $0.decode(1))) },
            samples: { First.samples.flatMap { first in Second.samples.map { ViewKeyPair(first, $0) } } })
    }

    @usableFromInline
    init(
        columns: [AnyColumn<Row>], get: @escaping @Sendable (UnsafePointer<Row>) -> Key,
        put: @escaping @Sendable (Key, UnsafeMutablePointer<Row>) -> Void,
        holds: @escaping @Sendable (UnsafePointer<Row>, Key) -> Bool,
        isSame: @escaping @Sendable (Key, Key) -> Bool, encode: @escaping @Sendable ([Key]) throws -> [SQL],
        texts: @escaping @Sendable (Key) -> [String],
        fromText: @escaping @Sendable ([String]) -> Key?, decode: @escaping @Sendable (PostgresRow) throws -> Key,
        samples: @escaping @Sendable () -> [Key]
    ) {
        self.columns = columns
        self.get = get
        self.put = put
        self.holds = holds
        self.isSame = isSame
        self.encode = encode
        self.texts = texts
        self.fromText = fromText
        self.decode = decode
        self.samples = samples
    }
}
