// The ways to declare a table: a key of one column or two; columns by key path or declared; a new row, or a closure that
// makes it.
//
// Always inlined, since code with a parameter pack is not specialized for the types of the row and its key.
extension ViewTable {
    /// A table with a key of one column and columns that are stored properties.
    ///
    /// - Parameters:
    ///   - name: its stable name, 1 to 48 bytes.
    ///   - row: a new row, but for its key.
    ///   - key: the column by which rows are found.
    ///   - columns: the other columns.
    @inlinable
    @inline(__always)
    public init<each Value: ViewValue>(
        _ name: String, of row: Row, key: WritableKeyPath<Row, Key>, _ columns: repeat WritableKeyPath<Row, each Value>
    ) where Key: ViewValue {
        let key = ViewTableKey(Column(key))
        var others: [AnyColumn<Row>] = []
        for column in repeat each columns { others.append(Column(column).erased) }
        self.init(name, key: key, columns: others, row: row, new: key.making(row))
    }

    /// A table with a key of two columns and columns that are stored properties.
    ///
    /// - Parameters:
    ///   - name: its stable name, 1 to 48 bytes.
    ///   - row: a new row, but for its key.
    ///   - key: the two columns by which rows are found.
    ///   - columns: the other columns.
    @inlinable
    @inline(__always)
    public init<First: ViewValue, Second: ViewValue, each Value: ViewValue>(
        _ name: String, of row: Row, key: (WritableKeyPath<Row, First>, WritableKeyPath<Row, Second>),
        _ columns: repeat WritableKeyPath<Row, each Value>
    ) where Key == ViewKeyPair<First, Second> {
        let key = ViewTableKey(Column(key.0), Column(key.1))
        var others: [AnyColumn<Row>] = []
        for column in repeat each columns { others.append(Column(column).erased) }
        self.init(name, key: key, columns: others, row: row, new: key.making(row))
    }

    /// A table with a key of one column and declared columns.
    ///
    /// - Parameters:
    ///   - name: its stable name, 1 to 48 bytes.
    ///   - row: a new row, but for its key.
    ///   - key: the column by which rows are found.
    ///   - columns: the other columns.
    @inlinable
    @inline(__always)
    public init<each Value: ViewValue>(
        _ name: String, of row: Row, key: Column<Row, Key>, _ columns: repeat Column<Row, each Value>
    ) where Key: ViewValue {
        let key = ViewTableKey(key)
        var others: [AnyColumn<Row>] = []
        for column in repeat each columns { others.append(column.erased) }
        self.init(name, key: key, columns: others, row: row, new: key.making(row))
    }

    /// A table with a key of two columns and declared columns.
    ///
    /// - Parameters:
    ///   - name: its stable name, 1 to 48 bytes.
    ///   - row: a new row, but for its key.
    ///   - key: the two columns by which rows are found.
    ///   - columns: the other columns.
    @inlinable
    @inline(__always)
    public init<First: ViewValue, Second: ViewValue, each Value: ViewValue>(
        _ name: String, of row: Row, key: (Column<Row, First>, Column<Row, Second>),
        _ columns: repeat Column<Row, each Value>
    ) where Key == ViewKeyPair<First, Second> {
        let key = ViewTableKey(key.0, key.1)
        var others: [AnyColumn<Row>] = []
        for column in repeat each columns { others.append(column.erased) }
        self.init(name, key: key, columns: others, row: row, new: key.making(row))
    }

    /// A table with a key of one column and columns that are stored properties.
    ///
    /// - Parameters:
    ///   - name: its stable name, 1 to 48 bytes.
    ///   - key: the column by which rows are found.
    ///   - columns: the other columns.
    ///   - make: makes a new row with a key.
    @inlinable
    @inline(__always)
    public init<each Value: ViewValue>(
        _ name: String, key: WritableKeyPath<Row, Key>, _ columns: repeat WritableKeyPath<Row, each Value>,
        new make: @escaping @Sendable (Key) -> Row
    ) where Key: ViewValue {
        let key = ViewTableKey(Column(key))
        var others: [AnyColumn<Row>] = []
        for column in repeat each columns { others.append(Column(column).erased) }
        self.init(name, key: key, columns: others, new: make)
    }

    /// A table with a key of two columns and columns that are stored properties.
    ///
    /// - Parameters:
    ///   - name: its stable name, 1 to 48 bytes.
    ///   - key: the two columns by which rows are found.
    ///   - columns: the other columns.
    ///   - make: makes a new row with a key.
    @inlinable
    @inline(__always)
    public init<First: ViewValue, Second: ViewValue, each Value: ViewValue>(
        _ name: String, key: (WritableKeyPath<Row, First>, WritableKeyPath<Row, Second>),
        _ columns: repeat WritableKeyPath<Row, each Value>, new make: @escaping @Sendable (Key) -> Row
    ) where Key == ViewKeyPair<First, Second> {
        let key = ViewTableKey(Column(key.0), Column(key.1))
        var others: [AnyColumn<Row>] = []
        for column in repeat each columns { others.append(Column(column).erased) }
        self.init(name, key: key, columns: others, new: make)
    }

    /// A table with a key of one column and declared columns.
    ///
    /// - Parameters:
    ///   - name: its stable name, 1 to 48 bytes.
    ///   - key: the column by which rows are found.
    ///   - columns: the other columns.
    ///   - make: makes a new row with a key.
    @inlinable
    @inline(__always)
    public init<each Value: ViewValue>(
        _ name: String, key: Column<Row, Key>, _ columns: repeat Column<Row, each Value>,
        new make: @escaping @Sendable (Key) -> Row
    ) where Key: ViewValue {
        let key = ViewTableKey(key)
        var others: [AnyColumn<Row>] = []
        for column in repeat each columns { others.append(column.erased) }
        self.init(name, key: key, columns: others, new: make)
    }

    /// A table with a key of two columns and declared columns.
    ///
    /// - Parameters:
    ///   - name: its stable name, 1 to 48 bytes.
    ///   - key: the two columns by which rows are found.
    ///   - columns: the other columns.
    ///   - make: makes a new row with a key.
    @inlinable
    @inline(__always)
    public init<First: ViewValue, Second: ViewValue, each Value: ViewValue>(
        _ name: String, key: (Column<Row, First>, Column<Row, Second>), _ columns: repeat Column<Row, each Value>,
        new make: @escaping @Sendable (Key) -> Row
    ) where Key == ViewKeyPair<First, Second> {
        let key = ViewTableKey(key.0, key.1)
        var others: [AnyColumn<Row>] = []
        for column in repeat each columns { others.append(column.erased) }
        self.init(name, key: key, columns: others, new: make)
    }
}

extension ViewTableKey {
    /// Makes new rows: copies of a row, each with its key.
    @inlinable
    func making(_ row: Row) -> @Sendable (Key) -> Row {
        { [put] key in
            var row = row
            withUnsafeMutablePointer(to: &row) { put(key, $0) }
            return row
        }
    }
}
