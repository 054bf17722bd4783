/// The loops over a batch's events and rows, made where the row type is known: in the module that defines the projection.
@usableFromInline
struct ViewLoops<Row: ViewRow>: Sendable {
    /// Folds a partition's steps into the rows, up to the event of that index. Returns the index of the event that failed, and why.
    @usableFromInline
    typealias Fold =
        @Sendable (inout KeyedRows<Row>, ViewPlan<Row>, Int, [RecordedEvent], Int) -> (index: Int, error: any Error)?

    @usableFromInline let fold: Fold

    @inlinable
    init() {
        let keyOf = Row.table.key
        fold = { rows, plan, partition, events, end in
            for step in plan.partitions[partition] where Int(step.event) < end {
                let slot = rows.slot(of: step.key, hash: step.hash)
                do {
                    rows.slots[slot].isTouched = true
                    try plan.folds[Int(step.fold)](
                        Int(step.value), step.key, &rows.slots[slot].row, events[Int(step.event)])
                    guard let row = rows.slots[slot].row, !rows.isSameKey(keyOf(row), step.key) else { continue }
                    throw ProjectionError.keyMismatch("\(step.key)", "\(keyOf(row))")
                } catch {
                    return (Int(step.event), error)
                }
            }
            return nil
        }
    }
}

extension ProjectionError {
    @usableFromInline
    static func keyMismatch(_ key: String, _ rowKey: String) -> ProjectionError {
        ProjectionError(.keyMismatch, "the fold for key \(key) left a row with key \(rowKey)")
    }
}
