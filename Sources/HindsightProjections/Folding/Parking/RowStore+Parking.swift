import HindsightLog
import HindsightPostgres

extension RowStore {
    /// Takes in the keys that are parked, as the offset store has their texts. Call it before any row is loaded.
    package func accept(parked texts: [String]) throws {
        for text in texts {
            let key = try Self.key(ofParked: text)
            let hash = key.hashValue
            partitions[hash & (partitions.count - 1)].parked.accept(key, hash, text: text)
        }
    }

    /// What was noted for parked keys since the last write.
    package func parkedNotes() -> ParkedNotes {
        var notes = ParkedNotes()
        for entry in partitions.lazy.flatMap(\.parked.noted) {
            let text = entry.text
            for (index, position) in entry.positions.enumerated() {
                notes.add(text, position, index == 0 ? entry.error : nil)
            }
            if entry.more > 0 { notes.add(text, entry.last, nil, count: -entry.more) }
        }
        return notes
    }

    /// Forgets which keys are parked: they have to be accepted again.
    package func forgetParked() {
        for share in partitions { share.parked.forget() }
    }

    /// True if a row was folded that is not written yet.
    var hasTouchedRows: Bool { partitions.contains { $0.rows.containsTouched { _ in true } } }

    /// From now on an event that cannot be folded ends the fold.
    func stopParking() {
        fuse.turnOff()
    }

    /// Writes the changes within a transaction, and parks the keys whose rows the database refuses, from the first event in
    /// `plan` that concerns them.
    ///
    /// The rows are written by halves, each under a savepoint. Those that are refused are tried once more at the end: two rows
    /// may have exchanged a value that only one of them can have.
    ///
    /// - Throws: other errors of the server; `tooManyParked`. The transaction must then be rolled back.
    func writeParking(
        _ plan: FoldPlan<Row>, _ events: [RecordedEvent], in session: inout PostgresSession
    ) throws {
        var refused = try write(
            deletedKeys.map { Change.deletion($0) } + changedRows(partition: 0).map { .row($0) }, &session)
        var before = Int.max
        while !refused.isEmpty, refused.count < before {
            before = refused.count
            refused = try refused.flatMap { try write([$0.change], &session) }
        }
        for refusal in refused {
            let key = key(of: refusal.change)
            let positions = plan.steps(of: 0).filter { view.key.isSame($0.key, key) }.map {
                events[Int($0.event)].position
            }
            try partitions[0].parked.repark(key, at: positions, refusal.error)
        }
    }

    private enum Change {
        case deletion(Row.Key)
        case row(Row)
    }

    private func key(of change: Change) -> Row.Key {
        switch change {
        case .deletion(let key): key
        case .row(let row): view.key(of: row)
        }
    }

    /// - Returns: those that the database refuses.
    private func write(
        _ changes: [Change], _ session: inout PostgresSession
    ) throws -> [(change: Change, error: any Error)] {
        guard !changes.isEmpty else { return [] }
        try session.execute("savepoint parking")
        do {
            for statement in try statements(for: changes) { try session.execute(statement) }
            try session.execute("release savepoint parking")
            return []
        } catch let error where error.isRefusal {
            try session.execute("rollback to savepoint parking")
            try session.execute("release savepoint parking")
            guard changes.count > 1 else { return [(changes[0], error)] }
            let middle = changes.count / 2
            return try write(Array(changes[..<middle]), &session) + write(Array(changes[middle...]), &session)
        }
    }

    private func statements(for changes: [Change]) throws -> [SQL] {
        var (deleted, rows): ([Row.Key], [Row]) = ([], [])
        for change in changes {
            switch change {
            case .deletion(let key): deleted.append(key)
            case .row(let row): rows.append(row)
            }
        }
        var statements: [SQL] = []
        if !deleted.isEmpty { statements += [.preferKeyLookUps, try view.deletion(of: deleted, from: policy.table)] }
        if !rows.isEmpty { statements.append(try view.upsert(rows, into: policy.table)) }
        return statements
    }

    static func key(ofParked text: String) throws -> Row.Key {
        let texts = try ParkedKeyText.decode(text)
        guard let key = Row.table.key.fromText(texts) else {
            throw ProjectionError(
                .tableChanged,
                "the parked key \(text) is no key of view \"\(Row.table.name)\": its key was declared differently when it was parked"
            )
        }
        return key
    }
}

extension Error {
    /// True if the database, or the encoding for it, refuses the values of a row.
    var isRefusal: Bool {
        guard let error = self as? PostgresError else { return false }
        if error.code == .encoding { return true }
        // Data exceptions, violated constraints, and values that are too large for an index.
        return sqlState.map { $0.hasPrefix("22") || $0.hasPrefix("23") || $0 == "54000" } ?? false
    }
}
