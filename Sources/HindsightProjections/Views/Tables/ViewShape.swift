import HindsightPostgres

/// The shape of a view's table, without its Swift types: used to create the table, and to notice that it changed.
package struct ViewShape: Hashable, Sendable {
    /// A column of the table.
    package struct Column: Hashable, Sendable {
        /// The column's name.
        package var name: String
        /// The column's type.
        package var type: ColumnType
        /// True if the column may be null.
        package var isNullable: Bool
    }

    /// The columns in declared order, the key's first.
    package var columns: [Column]
    /// How many of the columns, from the first, are the primary key.
    package var keyCount: Int
    /// The indexes besides the primary key.
    package var indexes: [ViewIndex]

    /// The shape of a table.
    package init<Row, Key>(_ table: ViewTable<Row, Key>) {
        columns = table.columns.map { Column(name: $0.name, type: $0.type, isNullable: $0.isNullable) }
        keyCount = table.keyCount
        indexes = table.indexes
    }

    /// The shape as text, one line for each part: stored with a version, compared at start, and shown when it differs.
    var text: String {
        var lines = columns.map { "\($0.name) \($0.type.name)\($0.isNullable ? "" : " not null")" }
        lines.append("primary key (\(columns.prefix(keyCount).map(\.name).joined(separator: ", ")))")
        lines += indexes.map { "\($0.isUnique ? "unique " : "")index (\($0.columns.joined(separator: ", ")))" }
        return lines.joined(separator: "\n")
    }

    /// The statements that create the table.
    func creation(of table: PostgresIdentifier) -> [SQL] {
        [bareCreation(of: table), keyCreation(of: table)] + indexCreations(of: table)
    }

    /// The statement that creates the table without its key and indexes.
    func bareCreation(of table: PostgresIdentifier) -> SQL {
        let definitions = columns.map { column in
            "\(PostgresIdentifier(column.name).quoted) \(column.type.name)\(column.isNullable ? "" : " not null")"
        }
        // Rows of a view are updated often, and all of them at some time; free space on each page keeps updates off the
        // indexes.
        return """
            create table \(identifier: table) (\(unsafeSQL: definitions.joined(separator: ",\n    "))) with (fillfactor = 80)
            """
    }

    /// The statement that adds the primary key.
    func keyCreation(of table: PostgresIdentifier) -> SQL {
        "alter table \(identifier: table) add primary key (\(sql: keyList))"
    }

    /// The statements that create the indexes besides the primary key.
    func indexCreations(of table: PostgresIdentifier) -> [SQL] {
        indexes.map { index in
            let names = index.columns.map { PostgresIdentifier($0).quoted }.joined(separator: ", ")
            return """
                create \(unsafeSQL: index.isUnique ? "unique index" : "index") on \(identifier: table) (\(unsafeSQL: names))
                """
        }
    }

    /// The key columns and their types, for messages.
    var keyDescription: String {
        columns.prefix(keyCount).map { "\($0.name) (\($0.type.name))" }.joined(separator: ", ")
    }

    /// The key columns' names, quoted.
    var keyList: SQL { Self.list(columns.prefix(keyCount)) }

    /// The columns' names, quoted.
    var columnList: SQL { Self.list(columns) }

    /// Columns' names, quoted, each behind a prefix such as `t.`.
    static func list(_ columns: some Sequence<Column>, prefix: String = "") -> SQL {
        columns.map { "\(unsafeSQL: prefix)\(identifier: PostgresIdentifier($0.name))" as SQL }.joined()
    }

    /// The condition under which two rows have the same key.
    func keyMatch(_ left: String, _ right: String) -> SQL {
        columns.prefix(keyCount).map { column in
            let name = PostgresIdentifier(column.name)
            return "\(unsafeSQL: left).\(identifier: name) = \(unsafeSQL: right).\(identifier: name)" as SQL
        }.joined(separator: " and ")
    }
}
