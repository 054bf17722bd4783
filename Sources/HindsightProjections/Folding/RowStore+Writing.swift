package import HindsightPostgres

extension RowStore {
    /// How many rows one statement takes, except for those of a batch, which go in one: a statement's arrays take memory, too.
    package static var rowsPerStatement: Int { 20_000 }

    /// Writes what has changed, by the store's policy.
    ///
    /// - Parameter run: the number under which changes go to a table of their own; a later write has a higher one.
    package func write(run: Int64, in session: inout PostgresSession) throws {
        switch policy {
        case .upsert: try writeByKey(atMost: Self.rowsPerStatement) { try session.execute($0) }
        case .copy(let target): try copy(into: target, run: run, in: &session)
        }
    }

    /// Makes the statements that write what has changed by key: deletions first.
    ///
    /// - Parameters:
    ///   - count: how many rows a statement writes at most.
    ///   - send: takes one statement at a time, so that not all of them need be in memory at once.
    package func writeByKey(atMost count: Int = .max, _ send: (SQL) throws -> Void) throws {
        try delete(deletedKeys, atMost: count, send)
        for partition in partitions.indices { try upsert(changedRows(partition: partition), atMost: count, send) }
    }

    /// The rows of a partition to write: those that folds have touched since the last write.
    package func changedRows(partition: Int) -> [Row] { partitions[partition].changedRows }

    /// The keys to delete: the table has their rows, and folds have deleted them.
    package var deletedKeys: [Row.Key] { partitions.flatMap(\.deletedKeys) }

    /// The keys of all rows that folds have touched since the last write.
    var touchedKeys: [Row.Key] { partitions.flatMap(\.touchedKeys) }

    /// Makes the statements that put the rows in memory in the place of those that the table has.
    ///
    /// - Parameter keys: the keys whose rows are exchanged, whether they have one in memory or not.
    package func exchange(_ keys: [Row.Key], _ send: (SQL) throws -> Void) throws {
        try delete(keys, atMost: Self.rowsPerStatement, send)
        // To the database, other keys may be the same as one of these; they were folded with it and are exchanged with it.
        try delete(partitions.flatMap { $0.rows.slots.map(\.key) }, atMost: Self.rowsPerStatement, send)
        try upsert(partitions.flatMap { $0.rows.slots.compactMap(\.row) }, atMost: Self.rowsPerStatement, send)
    }

    /// Notes that what was written is committed.
    package func written() {
        for share in partitions {
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
    /// The array in parts of at most `size` elements.
    func parts(of size: Int) -> some Sequence<[Element]> {
        let size = Swift.max(1, Swift.min(size, count))
        return stride(from: 0, to: count, by: size).lazy.map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
