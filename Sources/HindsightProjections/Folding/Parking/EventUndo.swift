/// The rows of an event that has several steps, as they were before it.
@usableFromInline
struct EventUndo<Row: ViewRow> {
    /// A row before a step.
    @usableFromInline
    struct Saved {
        @usableFromInline let row: Row?
        @usableFromInline let wasTouched: Bool

        @inlinable
        init(row: Row?, wasTouched: Bool) {
            self.row = row
            self.wasTouched = wasTouched
        }
    }

    @usableFromInline var event: Int32 = -1
    @usableFromInline var rows: [(key: Row.Key, saved: Saved)] = []

    @inlinable
    init() {}

    /// Saves the row of a step before it is folded. An event with a single step, as most have, costs a copy of the row.
    @inlinable
    mutating func save(
        _ row: Row?, _ wasTouched: Bool, _ step: UnsafePointer<FoldPlan<Row>.Step>, isFollowed: Bool
    ) -> Saved {
        let saved = Saved(row: row, wasTouched: wasTouched)
        if event != step.pointee.event {
            event = step.pointee.event
            if !rows.isEmpty { rows.removeAll(keepingCapacity: true) }
        }
        if isFollowed || !rows.isEmpty { rows.append((step.pointee.key, saved)) }
        return saved
    }

    /// The row of a key as it was before the event; nil if it is not saved.
    @inlinable
    func first(of key: Row.Key, isSame: (Row.Key, Row.Key) -> Bool) -> Saved? {
        rows.first { isSame($0.key, key) }?.saved
    }
}
