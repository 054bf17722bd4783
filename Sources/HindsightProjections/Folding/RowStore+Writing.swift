package import HindsightPostgres

extension RowStore {
    /// The number of rows in one statement, to bound the memory of its arrays; the rows of a batch always go in one.
    package static var rowsPerStatement: Int { 20_000 }

    /// Writes the changes according to the store's policy.
    ///
    /// - Parameter run: the number under which changes go to a separate table; a later write has a higher one.
    package func write(run: Int64, in session: inout PostgresSession) throws {
        switch policy {
        case .upsert: try writeByKey(atMost: Self.rowsPerStatement) { try session.execute($0) }
        case .copy(let target): try copy(into: target, run: run, in: &session)
        }
    }

    /// Makes the statements that write the changes by key: deletions first.
    ///
    /// - Parameters:
    ///   - count: the maximum number of rows that a statement writes.
    ///   - send: takes one statement at a time, so that they need not all be in memory at once.
    package func writeByKey(atMost count: Int = .max, _ send: (SQL) throws -> Void) throws {
        try delete(deletedKeys, atMost: count, send)
        for share in partitions {
            try upsert(share.changedRows(presumedNew: false), atMost: count, send)
            for some in share.changedRows(presumedNew: true).parts(of: count) {
                try send(try view.insertion(of: some, into: policy.table))
            }
        }
    }

    /// The rows of a partition to write: those that folds have touched since the last write.
    package func changedRows(partition: Int) -> [Row] { partitions[partition].changedRows }

    /// The keys to delete: the table has their rows, and folds have deleted them.
    package var deletedKeys: [Row.Key] { partitions.flatMap(\.deletedKeys) }

    /// The keys of all rows that folds have touched since the last write.
    var touchedKeys: [Row.Key] { partitions.flatMap(\.touchedKeys) }

    /// Makes the statements that replace the table's rows with those in memory.
    ///
    /// - Parameter keys: the keys whose rows are replaced, whether or not they have one in memory.
    package func exchange(_ keys: [Row.Key], _ send: (SQL) throws -> Void) throws {
        try delete(keys, atMost: Self.rowsPerStatement, send)
        // The database may consider other keys equal to one of these; they were folded and are replaced together with
        // it.
        try delete(partitions.flatMap { $0.rows.slots.map(\.key) }, atMost: Self.rowsPerStatement, send)
        try upsert(partitions.flatMap { $0.rows.slots.compactMap(\.row) }, atMost: Self.rowsPerStatement, send)
    }

    /// Notes that what was written is committed.
    package func written() {
        for share in partitions {
            share.parked.written()
            storedRows += share.written(keepingDeleted: policy.keepsDeletedRows, listing: unheld == .forgotten)
        }
    }

    private func delete(_ keys: [Row.Key], atMost count: Int, _ send: (SQL) throws -> Void) throws {
        guard !keys.isEmpty else { return }
        try send(.preferKeyLookUps)
        for some in keys.parts(of: count) { try send(try view.deletion(of: some, from: policy.table)) }
    }

    private func upsert(_ rows: [Row], atMost count: Int, _ send: (SQL) throws -> Void) throws {
        for some in rows.parts(of: count) { try send(try view.upsert(some, into: policy.table)) }
    }
}

extension Array {
    /// The array in chunks of at most `size` elements.
    func parts(of size: Int) -> some Sequence<[Element]> {
        let size = Swift.max(1, Swift.min(size, count))
        return stride(from: 0, to: count, by: size).lazy.map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
