public import HindsightLog

/// The loop over a batch's steps. It is created in the module that defines the projection, where it is specialized for
/// the row type.
@usableFromInline
package struct FoldLoop<Row: ViewRow>: Sendable {
    /// Folds a partition's steps into the rows, up to the event at an index, which is excluded. Returns the index of
    /// the event that failed, and why.
    @usableFromInline
    typealias Fold =
        @Sendable (KeyedRows<Row>, FoldPlan<Row>, Int, [RecordedEvent], Int) -> (index: Int, error: any Error)?

    @usableFromInline let fold: Fold
    /// The same where keys may be parked. It keeps a copy of each row while that is folded, which may fail halfway.
    @usableFromInline let foldParking: Fold

    @inlinable
    package init() {
        let key = Row.table.key
        fold = { rows, plan, partition, events, end in
            let folds = plan.folds
            let steps = plan.steps(of: partition)
            return events.withUnsafeBufferPointer { events in
                guard let first = events.baseAddress, var step = steps.baseAddress else { return nil }
                let last = step + steps.count
                while step < last {
                    defer { step += 1 }
                    let event = Int(step.pointee.event)
                    guard event < end else { continue }
                    do {
                        try withBorrowedValue(step) { step in
                            let slot = rows.slot(of: step.key, hash: step.hash)
                            rows.touch(slot)
                            try folds[Int(step.fold)](Int(step.value), step.key, &slot.pointee.row, first + event)
                            // A fold must not change a row's key.
                            let isKept = withWrappedPointer(to: &slot.pointee.row) { key.holds($0, step.key) } ?? true
                            guard !isKept, let row = slot.pointee.row else { return }
                            throw ProjectionError.keyMismatch("\(step.key)", "\(withUnsafePointer(to: row, key.get))")
                        }
                    } catch {
                        return (event, error)
                    }
                }
                return nil
            }
        }
        foldParking = { rows, plan, partition, events, end in
            let folds = plan.folds
            let steps = plan.steps(of: partition)
            return events.withUnsafeBufferPointer { events in
                guard let first = events.baseAddress, var step = steps.baseAddress else { return nil }
                let last = step + steps.count
                // The rows as they were before the event at hand, if it has several steps: one of them may fail after
                // another one has changed the same row.
                var before = EventUndo<Row>()
                while step < last {
                    defer { step += 1 }
                    let event = Int(step.pointee.event)
                    guard event < end else { continue }
                    let slot = rows.slot(of: step.pointee.key, hash: step.pointee.hash)
                    if slot.pointee.isParked {
                        rows.wait(slot, at: first[event].position)
                        continue
                    }
                    let isFollowed = step + 1 < last && Int((step + 1).pointee.event) == event
                    let saved = before.save(slot.pointee.row, slot.pointee.isTouched, step, isFollowed: isFollowed)
                    do {
                        try withBorrowedValue(step) { step in
                            rows.touch(slot)
                            try folds[Int(step.fold)](Int(step.value), step.key, &slot.pointee.row, first + event)
                            let isKept = withWrappedPointer(to: &slot.pointee.row) { key.holds($0, step.key) } ?? true
                            guard !isKept, let row = slot.pointee.row else { return }
                            throw ProjectionError.keyMismatch("\(step.key)", "\(withUnsafePointer(to: row, key.get))")
                        }
                    } catch {
                        let undone = before.first(of: slot.pointee.key, isSame: key.isSame) ?? saved
                        slot.pointee.row = undone.row
                        slot.pointee.isTouched = undone.wasTouched
                        guard let error = rows.park(slot, at: first[event].position, error) else { continue }
                        return (event, error)
                    }
                }
                return nil
            }
        }
    }
}

extension ProjectionError {
    @usableFromInline
    static func keyMismatch(_ key: String, _ rowKey: String) -> ProjectionError {
        ProjectionError(.keyMismatch, "the fold for key \(key) left a row with key \(rowKey)")
    }
}
