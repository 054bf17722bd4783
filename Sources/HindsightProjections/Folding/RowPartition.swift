import HindsightPostgres
import Synchronization

/// One partition of a ``RowStore``: its rows, and which keys the table has beside them.
final class RowPartition<Row: ViewRow> {
    let rows = KeyedRows<Row>()
    /// The keys that the table has; kept up only once rows were forgotten.
    var stored = KeyFilter()
    /// About how much memory all this takes, as last measured. Other tasks read it while the partition is folded.
    let byteCount = Atomic(0)
    /// How many keys have a slot, likewise.
    let keyCount = Atomic(0)

    /// Takes in a row as the table has it.
    func accept(_ row: Row, _ key: Row.Key) {
        let slot = rows.slot(of: key, hash: key.hashValue)
        slot.pointee.row = row
        slot.pointee.isStored = true
    }

    // MARK: - What has changed

    /// The rows to write: those that folds have touched since the last write.
    var changedRows: [Row] {
        var changed: [Row] = []
        rows.forEachTouched { slot in
            if let row = slot.pointee.row { changed.append(row) }
        }
        return changed
    }

    /// The keys of the rows that folds have touched since the last write, deleted ones too.
    var touchedKeys: [Row.Key] {
        var keys: [Row.Key] = []
        rows.forEachTouched { keys.append($0.pointee.key) }
        return keys
    }

    /// The keys to delete: the table has their rows, and folds have deleted them.
    var deletedKeys: [Row.Key] {
        var deleted: [Row.Key] = []
        rows.forEachTouched { slot in
            if slot.pointee.isStored, slot.pointee.row == nil { deleted.append(slot.pointee.key) }
        }
        return deleted
    }

    /// True if there are rows to write that the table has already, or that it does not have.
    func hasChangedRows(stored isStored: Bool) -> Bool {
        rows.containsTouched { $0.pointee.isStored == isStored && $0.pointee.row != nil }
    }

    /// True if folds have changed or deleted a row that the table has.
    var hasRewrittenRows: Bool { rows.containsTouched { $0.pointee.isStored } }

    /// Notes that everything that changed is written.
    ///
    /// - Parameters:
    ///   - keepingDeleted: true if deleted rows are still in the table.
    ///   - listing: true if ``stored`` is kept up.
    /// - Returns: How many rows the table has more than before.
    func written(keepingDeleted: Bool, listing: Bool) -> Int64 {
        var growth: Int64 = 0
        rows.forEachTouched { slot in
            slot.pointee.isTouched = false
            switch (slot.pointee.row != nil, slot.pointee.isStored) {
            case (true, false):
                growth += 1
                slot.pointee.isStored = true
                if listing { stored.insert(slot.pointee.hash) }
            case (false, true):
                growth -= 1
                slot.pointee.isStored = keepingDeleted
            case (true, true), (false, false): break
            }
        }
        return growth
    }

    // MARK: - Memory

    /// Lists the keys that the table has, before their rows are forgotten.
    func listStoredKeys() {
        for index in rows.slots.indices where rows.slots[index].isStored { stored.insert(rows.slots[index].hash) }
    }

    /// Reckons how much memory the partition takes.
    func measure(_ columns: [AnyColumn<Row>]) {
        // A few rows tell how much their strings take.
        let step = max(1, rows.slots.count / 16)
        var (heap, sampled) = (0, 0)
        for index in stride(from: 0, to: rows.slots.count, by: step) {
            sampled += 1
            guard let row = rows.slots[index].row else { continue }
            heap += row.heapBytes(columns)
        }
        let outside = sampled > 0 ? heap / sampled * rows.slots.count : 0
        byteCount.store(rows.byteCount + stored.byteCount + outside, ordering: .relaxed)
        keyCount.store(rows.slots.count, ordering: .relaxed)
    }
}

extension ViewRow {
    /// How much memory the row's values take outside of the row.
    func heapBytes(_ columns: [AnyColumn<Self>]) -> Int { columns.reduce(0) { $0 + $1.heapBytes(self) } }
}
