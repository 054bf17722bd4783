package import HindsightPostgres
import Synchronization

extension RowStore {
    /// How many keys are in memory, those without a row included.
    package var heldKeys: Int { partitions.reduce(0) { $0 + $1.rows.slots.count } }

    /// About how much memory the rows take, as last measured.
    package var byteCount: Int { partitions.reduce(0) { $0 + $1.byteCount.load(ordering: .relaxed) } }

    /// About how many rows the view has, those in memory included, if the store has known them all from the beginning.
    package var rowCount: Int64 {
        switch unheld {
        case .nothing: Int64(partitions.reduce(0) { $0 + $1.keyCount.load(ordering: .relaxed) })
        case .forgotten, .anything: storedRows
        }
    }

    /// Measures how much memory a partition takes, after it was folded.
    package func measure(partition: Int) {
        partitions[partition].measure(view.columns)
    }

    /// Forgets the rows; what changed since the last write is lost. They are loaded again by key when an event concerns them.
    package func forget() {
        switch unheld {
        case .anything:
            // The next batch needs about as much memory.
            for share in partitions { share.rows.removeAll(keepingCapacity: true) }
            return
        case .nothing:
            for share in partitions { share.listStoredKeys() }
            unheld = .forgotten
        case .forgotten: break
        }
        removeRows()
    }

    /// Forgets the rows and that there were any: the table counts as empty.
    package func reset() {
        for share in partitions { share.stored = KeyFilter() }
        unheld = .nothing
        storedRows = 0
        removeRows()
    }

    /// Reads all rows of the table into memory, in the place of what was there.
    ///
    /// - Returns: False if they take more than `limit` bytes. They are then loaded by key when an event concerns them.
    package func reload(limit: Int, in session: inout PostgresSession) throws -> Bool {
        reset()
        var bytes = 0
        try session.forEachRow(view.selection(from: policy.table)) { source in
            let row = try view.row(from: source)
            let key = view.key(row)
            let share = partitions[key.hashValue & (partitions.count - 1)]
            if bytes <= limit {
                bytes += KeyedRows<Row>.bytesPerRow + row.heapBytes(view.columns)
                share.accept(row, key)
            }
            share.stored.insert(key.hashValue)
            storedRows += 1
        }
        let fits = bytes <= limit
        if fits {
            // All keys are in memory, and need no list.
            for share in partitions { share.stored = KeyFilter() }
            for partition in partitions.indices { measure(partition: partition) }
        } else {
            unheld = .forgotten
            removeRows()
        }
        return fits
    }

    private func removeRows() {
        for (partition, share) in partitions.enumerated() {
            share.rows.removeAll(keepingCapacity: false)
            measure(partition: partition)
        }
    }
}
