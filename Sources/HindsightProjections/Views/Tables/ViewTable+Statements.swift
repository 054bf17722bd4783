import HindsightPostgres

extension ViewTable {
    /// A row from a result's row that has all columns in declared order.
    func row(from source: PostgresRow) throws -> Row {
        let found = try key.decode(source)
        var row = make(found)
        try withUnsafeMutablePointer(to: &row) { row in
            key.put(found, row)
            for index in keyCount..<columns.count { try columns[index].decode(source, index, row) }
        }
        return row
    }

    /// All rows.
    func selection(from table: PostgresIdentifier) -> SQL {
        "select \(sql: list(columns)) from \(identifier: table)"
    }

    /// The rows that have these keys.
    func selection(of keys: [Key], from table: PostgresIdentifier) throws -> SQL {
        // One look-up for each key; `offset 0` keeps the planner from turning them into a join over the whole table.
        """
        select r.* from unnest(\(sql: try key.encode(keys).joined())) k (\(sql: keyList())) cross join lateral (
            select \(sql: list(columns, prefix: "t.")) from \(identifier: table) t where \(sql: keyMatch("t", "k")) offset 0) r
        """
    }

    /// A row that is in no table, with its values as the columns would have them.
    func literal(_ row: Row) throws -> SQL {
        let values = try columns.map { try $0.encode([row]) }.joined()
        let casts = columns.map { column in
            "v.\(identifier: PostgresIdentifier(column.name))::\(unsafeSQL: column.type.name)" as SQL
        }
        return "select \(sql: casts.joined()) from unnest(\(sql: values)) v (\(sql: list(columns)))"
    }

    /// Inserts rows that do not exist; a unique violation if one does.
    func insertion(of rows: [Row], into table: PostgresIdentifier) throws -> SQL {
        let values = try columns.map { try $0.encode(rows) }.joined()
        return "insert into \(identifier: table) (\(sql: list(columns))) select * from unnest(\(sql: values))"
    }

    /// Inserts rows, or updates those that already exist.
    func upsert(_ rows: [Row], into table: PostgresIdentifier) throws -> SQL {
        let updates = columns.dropFirst(keyCount).map { column -> SQL in
            let name = PostgresIdentifier(column.name)
            return "\(identifier: name) = excluded.\(identifier: name)"
        }
        let action: SQL = updates.isEmpty ? "do nothing" : "do update set \(sql: updates.joined())"
        return "\(sql: try insertion(of: rows, into: table)) on conflict (\(sql: keyList())) \(sql: action)"
    }

    /// Deletes the rows that have these keys.
    func deletion(of keys: [Key], from table: PostgresIdentifier) throws -> SQL {
        """
        delete from \(identifier: table) t using unnest(\(sql: try key.encode(keys).joined())) k (\(sql: keyList()))
        where \(sql: keyMatch("t", "k"))
        """
    }

    private func list(_ columns: some Sequence<AnyColumn<Row>>, prefix: String = "") -> SQL {
        columns.map { "\(unsafeSQL: prefix)\(identifier: PostgresIdentifier($0.name))" as SQL }.joined()
    }

    private func keyList() -> SQL {
        list(columns.prefix(keyCount))
    }

    private func keyMatch(_ left: String, _ right: String) -> SQL {
        columns.prefix(keyCount).map { column in
            let name = PostgresIdentifier(column.name)
            return "\(unsafeSQL: left).\(identifier: name) = \(unsafeSQL: right).\(identifier: name)" as SQL
        }.joined(separator: " and ")
    }
}
