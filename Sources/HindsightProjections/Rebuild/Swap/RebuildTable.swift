import HindsightPostgres

/// The table that a rebuild fills, and the statements on it that do not depend on the type of its rows.
///
/// Rows are copied into it while it has no index. A row that is written again after a checkpoint goes to a second table, the
/// changes; when the table gets its primary key, the changes are merged into it. From then on rows are written by key.
struct RebuildTable: Sendable {
    let shape: ViewShape
    let table: PostgresIdentifier
    /// Where rows go that were written before; made when the first one is.
    let changes: PostgresIdentifier
    var hasChanges = false
    /// True when the table has its primary key.
    var isKeyed = false

    init(shape: ViewShape, table: PostgresIdentifier) {
        self.shape = shape
        self.table = table
        changes = PostgresIdentifier(schema: PostgresIdentifier(table.schema ?? "public"), "\(table.name)_c")
    }

    /// Makes the table of the changes: later ones have a higher run; a deleted row has its key only.
    func changesCreation() -> SQL {
        let definitions = shape.columns.map { "\(PostgresIdentifier($0.name).quoted) \($0.type.name)" }
        return """
            create table \(identifier: changes) (\(unsafeSQL: definitions.joined(separator: ", ")), \
            \(sql: Self.run) bigint not null, \(sql: Self.deleted) boolean not null)
            """
    }

    /// Adds the primary key and merges the changes.
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

    /// The indexes beside the primary key, and what the planner wants to know: from a sample, the rest is autovacuum's.
    func indexing() -> [SQL] {
        shape.indexCreations(of: table) + [
            "set local default_statistics_target = 10", "analyze \(identifier: table)",
        ]
    }

    /// Columns of the changes that no view is likely to have.
    static let run: SQL = "\(identifier: PostgresIdentifier("hindsight run"))"
    static let deleted: SQL = "\(identifier: PostgresIdentifier("hindsight deleted"))"
}
