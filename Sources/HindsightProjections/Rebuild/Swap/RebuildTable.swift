package import HindsightPostgres

/// The table that a rebuild fills, and its statements that do not depend on the type of the rows.
///
/// While the table has no index, new rows are copied into it. Rows that change after a checkpoint go to a second table,
/// the table of changes, which is merged into the first one when that gets its primary key. From then on rows are
/// written by key.
package struct RebuildTable: Sendable {
    let shape: ViewShape
    package let table: PostgresIdentifier
    /// The table of changes, made when the first row changes.
    let changes: PostgresIdentifier
    /// True if there is a table of changes.
    var hasChanges = false
    /// True once the table has its primary key.
    package var isKeyed = false

    package init(shape: ViewShape, table: PostgresIdentifier) {
        self.shape = shape
        self.table = table
        changes = PostgresIdentifier(schema: PostgresIdentifier(table.schema ?? "public"), "\(table.name)_c")
    }

    /// How rows are written to the table.
    package var writePolicy: WritePolicy { isKeyed ? .upsert(into: table) : .copy(into: self) }

    /// Creates the table of changes if there is none.
    mutating func createChanges(in session: inout PostgresSession) throws {
        guard !hasChanges else { return }
        try session.execute(changesCreation())
        hasChanges = true
    }

    /// Creates the table of changes. Of several changes to a row, the one with the highest run counts; a deleted row
    /// has only its key.
    private func changesCreation() -> SQL {
        let definitions = shape.columns.map { "\(PostgresIdentifier($0.name).quoted) \($0.type.name)" }
        return """
            create table \(identifier: changes) (\(unsafeSQL: definitions.joined(separator: ", ")), \
            \(sql: Self.run) bigint not null, \(sql: Self.deleted) boolean not null)
            """
    }

    /// The statements that add the primary key and merge the changes.
    func keying() -> [SQL] {
        let key: [SQL] = [shape.keyCreation(of: table)]
        guard hasChanges else { return key }
        let latest: SQL = """
            select distinct on (\(sql: shape.keyList)) * from \(identifier: changes)
            order by \(sql: shape.keyList), \(sql: Self.run) desc
            """
        let updates = shape.columns.dropFirst(shape.keyCount).map { column -> SQL in
            let name = PostgresIdentifier(column.name)
            return "\(identifier: name) = excluded.\(identifier: name)"
        }
        let action: SQL = updates.isEmpty ? "do nothing" : "do update set \(sql: updates.joined())"
        return key + [
            """
            delete from \(identifier: table) t using (\(sql: latest)) c
            where c.\(sql: Self.deleted) and \(sql: shape.keyMatch("t", "c"))
            """,
            """
            insert into \(identifier: table) (\(sql: shape.columnList))
            select \(sql: shape.columnList) from (\(sql: latest)) c where not c.\(sql: Self.deleted)
            on conflict (\(sql: shape.keyList)) \(sql: action)
            """,
            "drop table \(identifier: changes)",
        ]
    }

    /// The statements that create the other indexes and give the planner statistics from a sample; autovacuum does the
    /// rest later.
    func indexing() -> [SQL] {
        shape.indexCreations(of: table) + [
            "set local default_statistics_target = 10", "analyze \(identifier: table)",
        ]
    }

    // Columns of the table of changes, with names that no view is likely to use.

    /// The run that wrote a change.
    static let run: SQL = "\(identifier: PostgresIdentifier("hindsight run"))"
    /// Whether the row was deleted.
    static let deleted: SQL = "\(identifier: PostgresIdentifier("hindsight deleted"))"
}
