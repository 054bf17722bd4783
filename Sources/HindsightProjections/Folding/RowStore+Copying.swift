import HindsightPostgres

extension RowStore {
    /// True if folds have touched a row that the table has since it was last written.
    package var hasRewrittenRows: Bool { partitions.contains { $0.hasRewrittenRows } }

    /// Copies the changes: new rows into the table; changed rows and the keys of deleted ones into the table of
    /// changes, which must exist if it is needed.
    func copy(into target: RebuildTable, run: Int64, in session: inout PostgresSession) throws {
        let columns = target.shape.columnList
        try copy(to: "\(identifier: target.table) (\(sql: columns))", whereStored: false, in: &session) { _ in }
        guard hasRewrittenRows else { return }
        try copy(
            to: """
                \(identifier: target.changes) (\(sql: columns), \(sql: RebuildTable.run), \(sql: RebuildTable.deleted))
                """,
            whereStored: true, in: &session
        ) { fields in
            try fields.append(run)
            try fields.append(false)
        }
        for keys in deletedKeys.parts(of: Self.rowsPerStatement) {
            try session.execute(
                """
                insert into \(identifier: target.changes) (\(sql: target.shape.keyList), \(sql: RebuildTable.run), \
                \(sql: RebuildTable.deleted))
                select k.*, \(run), true from unnest(\(sql: try view.key.encode(keys).joined())) k
                """)
        }
    }

    /// Copies the touched rows that the table has, or those that it does not have.
    ///
    /// - Parameter tail: appends what comes after a row's own columns.
    private func copy(
        to target: SQL, whereStored isStored: Bool, in session: inout PostgresSession,
        tail: (inout PostgresCopyRow) throws -> Void
    ) throws {
        guard partitions.contains(where: { $0.hasChangedRows(stored: isStored) }) else { return }
        let columns = view.columns
        _ = try session.copyIn("copy \(sql: target) from stdin (format binary)") { writer in
            for share in partitions {
                try share.rows.forEachTouched { slot in
                    guard slot.pointee.isStored == isStored else { return }
                    try withWrappedPointer(to: &slot.pointee.row) { row in
                        try writer.row { fields in
                            for column in columns { try column.copy(row, &fields) }
                            try tail(&fields)
                        }
                    }
                }
            }
        }
    }
}
