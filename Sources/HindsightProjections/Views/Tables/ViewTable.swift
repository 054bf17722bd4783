/// The table of a view: its stable name, its key and columns, and how a new row looks.
///
/// ```swift
/// static let table = ViewTable("order_summary", of: Self(), key: \.orderID, \.customer, \.lines, \.total)
///     .index(\.customer)
/// ```
///
/// Each column is a stored property; its name is the property's in snake case, `order_id`. Where a column needs another
/// name, a scale or closures, all are declared as ``Column``s:
///
/// ```swift
/// static let table = ViewTable(
///     "order_summary", of: Self(), key: Column(\.orderID), Column("amount", \.total, precision: 12, scale: 2))
/// ```
///
/// A key of two columns is a pair, `key: (\.day, \.country)`, and the row's key is a ``ViewKeyPair``.
///
/// The row in `of:` is a new row: one that a fold gets for a key that has none yet, but for its key. Any values will do,
/// so that neither the row nor its `init` need be public for a view of another module to use it. A row that has no value
/// to begin with is made by a closure, `new: { Self(orderID: $0) }`.
public struct ViewTable<Row: Sendable, Key: Hashable & Sendable>: Sendable {
    /// The stable name that any SQL client reads from, and the name of the projection. 1 to 48 bytes.
    public let name: String
    /// The columns in declared order, the key's first.
    package let columns: [AnyColumn<Row>]
    /// The indexes besides the primary key.
    public private(set) var indexes: [ViewIndex] = []
    @usableFromInline let key: ViewTableKey<Row, Key>
    /// A new row with a key.
    @usableFromInline let make: @Sendable (Key) -> Row

    /// The new row that was declared; nil if a closure makes it.
    let row: Row?

    @usableFromInline
    init(
        _ name: String, key: ViewTableKey<Row, Key>, columns: [AnyColumn<Row>], row: Row? = nil,
        new make: @escaping @Sendable (Key) -> Row
    ) {
        self.name = name
        self.columns = key.columns + columns
        self.key = key
        self.make = make
        self.row = row
    }

    /// How many of the columns, from the first, are the primary key.
    package var keyCount: Int { key.columns.count }

    /// A new row with a key, as a fold gets it.
    package func newRow(_ key: Key) -> Row { make(key) }

    /// The key of a row.
    func key(of row: Row) -> Key {
        withUnsafePointer(to: row) { key.get($0) }
    }

    /// The column of a stored property; nil if it has none.
    func column<Value>(at path: KeyPath<Row, Value>) -> AnyColumn<Row>? {
        guard let property = StoredProperty(storedAt: path) else { return nil }
        return columns.first { $0.property?.isSame(as: property) ?? false }
    }

    /// The same table with an index on columns, in this order, such as `.index(\.customer, \.total)`.
    ///
    /// - Parameter unique: whether no two rows may have the same values there. Defaults to `false`.
    public func index<each Value: ViewValue>(_ paths: repeat KeyPath<Row, each Value>, unique: Bool = false)
        -> ViewTable
    {
        var names: [String] = []
        for path in repeat each paths {
            guard let column = column(at: path) else {
                preconditionFailure("view \"\(name)\" has no column for \(path), which an index names")
            }
            names.append(column.name)
        }
        return adding(ViewIndex(columns: names, isUnique: unique))
    }

    /// The same table with an index on columns that are named, for those that no stored property is.
    ///
    /// - Parameter unique: whether no two rows may have the same values there. Defaults to `false`.
    public func index(named names: String..., unique: Bool = false) -> ViewTable {
        adding(ViewIndex(columns: names, isUnique: unique))
    }

    private func adding(_ index: ViewIndex) -> ViewTable {
        for name in index.columns {
            precondition(
                columns.contains { $0.name == name },
                "view \"\(self.name)\" has no column \"\(name)\", which an index names")
        }
        var table = self
        table.indexes.append(index)
        return table
    }
}

/// An index of a view besides its primary key.
public struct ViewIndex: Hashable, Sendable {
    /// The indexed columns, by name, in order.
    public var columns: [String]
    /// True if no two rows may have the same values.
    public var isUnique: Bool

    package init(columns: [String], isUnique: Bool) {
        self.columns = columns
        self.isUnique = isUnique
    }
}
