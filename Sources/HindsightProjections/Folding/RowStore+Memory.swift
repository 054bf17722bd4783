package import HindsightPostgres
import Synchronization

extension RowStore {
    /// The number of keys in memory, including those without a row.
    package var heldKeys: Int { partitions.reduce(0) { $0 + $1.rows.slots.count } }

    /// The approximate memory that the rows take, as last measured.
    package var byteCount: Int { partitions.reduce(0) { $0 + $1.byteCount.load(ordering: .relaxed) } }

    /// The approximate number of rows in the view, including those in memory, if the store has known them all from the
    /// beginning.
    package var rowCount: Int64 {
        switch unheld {
        case .nothing: Int64(partitions.reduce(0) { $0 + $1.keyCount.load(ordering: .relaxed) })
        case .forgotten, .anything: storedRows
        }
    }

    /// Measures the memory of a partition after folding.
    package func measure(partition: Int) {
        partitions[partition].measure(view.columns)
    }

    /// Forgets the rows; changes since the last write are lost. They are loaded again by key when an event concerns
    /// them.
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

    /// Forgets the rows, as if there had been none: the table counts as empty.
    package func reset() {
        for share in partitions { share.stored = KeyFilter() }
        unheld = .nothing
        storedRows = 0
        removeRows()
    }

    /// Reads all rows of the table into memory, replacing those that are there.
    ///
    /// - Returns: false if they take more than `limit` bytes. They are then loaded by key when an event concerns them.
    package func reload(limit: Int, in session: inout PostgresSession) throws -> Bool {
        reset()
        var bytes = 0
        try session.forEachRow(view.selection(from: policy.table)) { source in
            let row = try view.row(from: source)
            let key = view.key(of: row)
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
            // All keys are in memory, so no list is needed.
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
