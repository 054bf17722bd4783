import HindsightPostgres
import Synchronization

/// One partition of a ``RowStore``: its rows, and the keys of other rows that the table has.
final class RowPartition<Row: ViewRow> {
    let rows: KeyedRows<Row>
    /// The keys that are parked, with what is noted for them.
    let parked: ParkedKeys<Row>
    /// The keys that the table has; maintained only once rows were forgotten.
    var stored = KeyFilter()
    /// The approximate memory of all this, as last measured. Other tasks read it while the partition is folded.
    let byteCount = Atomic(0)
    /// The number of keys with a slot, likewise.
    let keyCount = Atomic(0)

    init(fuse: ParkingFuse) {
        parked = ParkedKeys(fuse: fuse)
        rows = KeyedRows(parked: parked)
    }

    /// Takes in a row as the table has it.
    func accept(_ row: Row, _ key: Row.Key) {
        let slot = rows.slot(of: key, hash: key.hashValue)
        slot.pointee.row = row
        slot.pointee.isStored = true
    }

    // MARK: - Changes

    /// The rows to write: those that folds have touched since the last write.
    var changedRows: [Row] {
        var changed: [Row] = []
        rows.forEachTouched { slot in
            if let row = slot.pointee.row { changed.append(row) }
        }
        return changed
    }

    /// Those of them that are presumed to be new, or the others.
    func changedRows(presumedNew isPresumedNew: Bool) -> [Row] {
        var changed: [Row] = []
        rows.forEachTouched { slot in
            guard slot.pointee.isPresumedNew == isPresumedNew, let row = slot.pointee.row else { return }
            changed.append(row)
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

    /// True if there are touched rows to write: ones that the table already has, or, if `isStored` is false, ones that
    /// it lacks.
    func hasChangedRows(stored isStored: Bool) -> Bool {
        rows.containsTouched { $0.pointee.isStored == isStored && $0.pointee.row != nil }
    }

    /// True if folds have changed or deleted a row that the table has.
    var hasRewrittenRows: Bool { rows.containsTouched { $0.pointee.isStored } }

    /// Notes that everything that changed is written.
    ///
    /// - Parameters:
    ///   - keepingDeleted: true if deleted rows are still in the table.
    ///   - listing: true if ``stored`` is maintained.
    /// - Returns: by how many rows the table has grown.
    func written(keepingDeleted: Bool, listing: Bool) -> Int64 {
        var growth: Int64 = 0
        rows.settleTouched { slot in
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
        rows.settlePresumed()
        return growth
    }

    // MARK: - Memory

    /// Lists the keys that the table has, before their rows are forgotten.
    func listStoredKeys() {
        for index in rows.slots.indices where rows.slots[index].isStored { stored.insert(rows.slots[index].hash) }
    }

    /// Estimates how much memory the partition takes.
    func measure(_ columns: [AnyColumn<Row>]) {
        // A sample of rows tells how much their strings take.
        let step = max(1, rows.slots.count / 16)
        var (heap, sampled) = (0, 0)
        for index in stride(from: 0, to: rows.slots.count, by: step) {
            sampled += 1
            guard let row = rows.slots[index].row else { continue }
            heap += row.heapBytes(columns)
        }
        let outside = sampled > 0 ? heap / sampled * rows.slots.count : 0
        byteCount.store(rows.byteCount + stored.byteCount + parked.byteCount + outside, ordering: .relaxed)
        keyCount.store(rows.slots.count, ordering: .relaxed)
    }
}

extension ViewRow {
    /// The memory that the row's values take outside of the row.
    func heapBytes(_ columns: [AnyColumn<Self>]) -> Int {
        withUnsafePointer(to: self) { row in columns.reduce(0) { $0 + $1.heapBytes(row) } }
    }
}
