/// The loops over a batch's events and rows, made where the row type is known: in the module that defines the projection.
@usableFromInline
struct ViewLoops<Row: ViewRow>: Sendable {
    /// Folds a partition's steps into the rows, up to the event of that index. Returns the index of the event that failed, and why.
    @usableFromInline
    typealias Fold =
        @Sendable (KeyedRows<Row>, ViewPlan<Row>, Int, [RecordedEvent], Int) -> (index: Int, error: any Error)?

    @usableFromInline let fold: Fold

    @inlinable
    init() {
        let keyOf = Row.table.key
        fold = { rows, plan, partition, events, end in
            let folds = plan.folds
            return events.withUnsafeBufferPointer { events in
                plan.partitions[partition].withUnsafeBufferPointer { steps in
                    guard let first = events.baseAddress else { return nil }
                    for index in steps.indices where Int(steps[index].event) < end {
                        let event = Int(steps[index].event)
                        let slot = rows.slot(of: steps[index].key, hash: steps[index].hash)
                        do {
                            slot.pointee.isTouched = true
                            try folds[Int(steps[index].fold)](
                                Int(steps[index].value), steps[index].key, &slot.pointee.row, first + event)
                            // The row of a key keeps its key.
                            let isKept = withUnsafePointer(to: &slot.pointee.row) { row in
                                withoutRetaining(row) { row in
                                    switch row {
                                    case .some(let row): rows.isSameKey(keyOf(row), steps[index].key)
                                    case .none: true
                                    }
                                }
                            }
                            guard !isKept, let row = slot.pointee.row else { continue }
                            throw ProjectionError.keyMismatch("\(steps[index].key)", "\(keyOf(row))")
                        } catch {
                            return (event, error)
                        }
                    }
                    return nil
                }
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
