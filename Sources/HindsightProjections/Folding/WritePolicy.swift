package import HindsightPostgres

/// How a ``RowStore`` writes the rows that have changed.
package enum WritePolicy: Sendable {
    /// Deletes and upserts by key, in a table that has its primary key.
    case upsert(into: PostgresIdentifier)
    /// Copies new rows into a table that has no key yet; changes of rows that it already has go to a separate table.
    case copy(into: RebuildTable)

    /// The table that has the rows.
    var table: PostgresIdentifier {
        switch self {
        case .upsert(let table): table
        case .copy(let target): target.table
        }
    }

    /// True if a deleted row stays in the table for now: without a key, a deletion is only noted.
    var keepsDeletedRows: Bool {
        switch self {
        case .upsert: false
        case .copy: true
        }
    }
}
