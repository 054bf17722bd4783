package import HindsightPostgres

/// A view projection at work on a batch.
public final class ViewRun<Row: ViewRow> {
    /// Folds one event, by its index among the decoded events of its type, into a row.
    public typealias Fold = (Int, Row.Key, inout Row?, RecordedEvent) throws -> Void

    /// A row that the batch concerns.
    @usableFromInline
    struct Slot {
        @usableFromInline let key: Row.Key
        @usableFromInline var row: Row?
        /// True when the database has a row of that key.
        @usableFromInline var isStored = false
        @usableFromInline var isLoaded = false
        @usableFromInline var isTouched = false
        /// The next slot whose key is equal in Swift but not the same in the database; -1 if there is none.
        @usableFromInline var lookalike = -1

        @usableFromInline
        init(key: Row.Key) {
            self.key = key
        }
    }

    /// One event for one row.
    @usableFromInline
    struct Step {
        @usableFromInline let fold: Int32
        @usableFromInline let value: Int32
        @usableFromInline let event: Int32
        @usableFromInline let slot: Int32

        @usableFromInline
        init(fold: Int, value: Int, event: Int, slot: Int) {
            self.fold = Int32(truncatingIfNeeded: fold)
            self.value = Int32(truncatingIfNeeded: value)
            self.event = Int32(truncatingIfNeeded: event)
            self.slot = Int32(truncatingIfNeeded: slot)
        }
    }

    /// How many rows are kept from one batch to the next. They are as the database has them: only this run writes them.
    private static var keptRows: Int { 10_000 }

    package private(set) weak var decoders: EventDecoders?
    @usableFromInline let isSameKey: @Sendable (Row.Key, Row.Key) -> Bool
    private let keyOf: @Sendable (borrowing Row) -> Row.Key
    private let location: ViewLocation
    private let handlers: [ViewProjection<Row>.Handler]
    @usableFromInline var slots: [Slot] = []
    @usableFromInline var slotOfKey: [Row.Key: Int] = [:]
    @usableFromInline var steps: [Step] = []
    @usableFromInline var folds: [Fold] = []
    @usableFromInline var plannedEvents = 0
    /// The first event of the batch that could not be decoded or applied.
    package private(set) var failure: (index: Int, error: any Error)?

    init(location: ViewLocation, handlers: [ViewProjection<Row>.Handler]) {
        isSameKey = Row.table.isSameKey
        keyOf = Row.table.key
        self.location = location
        self.handlers = handlers
    }

    /// Adds a fold and returns its number.
    @inlinable
    public func addFold(_ fold: @escaping Fold) -> Int {
        folds.append(fold)
        return folds.count - 1
    }

    /// Plans an event for the row of a key.
    @inlinable
    public func plan(_ key: Row.Key, fold: Int, value: Int, event: Int) {
        steps.append(Step(fold: fold, value: value, event: event, slot: slot(of: key)))
    }

    @inlinable
    func slot(of key: Row.Key) -> Int {
        guard var slot = slotOfKey[key] else {
            slots.append(Slot(key: key))
            slotOfKey[key] = slots.count - 1
            return slots.count - 1
        }
        while !isSameKey(slots[slot].key, key) {
            if slots[slot].lookalike < 0 {
                slots.append(Slot(key: key))
                slots[slot].lookalike = slots.count - 1
            }
            slot = slots[slot].lookalike
        }
        return slot
    }

    /// Counts an event that concerns the projection.
    @inlinable
    public func countEvent() {
        plannedEvents += 1
    }
}

extension ViewRun: ProjectionRun {
    package var planned: Int { plannedEvents }
    package var needsSession: Bool { false }

    package func bind(to decoders: EventDecoders) {
        self.decoders = decoders
        folds.removeAll()
        for handler in handlers { handler.bind(self, decoders) }
    }

    package func begin(forgettingRows: Bool) {
        steps.removeAll(keepingCapacity: true)
        plannedEvents = 0
        failure = nil
        if forgettingRows || slots.count > Self.keptRows {
            slots.removeAll(keepingCapacity: true)
            slotOfKey.removeAll(keepingCapacity: true)
        }
    }

    package func fail(at index: Int, _ error: any Error) {
        failure = (index, error)
    }

    package func load() throws -> SQL? {
        var keys: [Row.Key] = []
        for step in steps where !slots[Int(step.slot)].isLoaded {
            slots[Int(step.slot)].isLoaded = true
            keys.append(slots[Int(step.slot)].key)
        }
        return keys.isEmpty ? nil : try Row.table.selection(of: keys, from: location.table)
    }

    package func accept(_ rows: PostgresResult) throws {
        for source in rows {
            let row = try Row.table.row(from: source)
            let slot = slot(of: keyOf(row))
            slots[slot].row = row
            slots[slot].isStored = true
        }
    }

    package func fold(_ events: [RecordedEvent]) {
        for step in steps {
            let slot = Int(step.slot)
            do {
                slots[slot].isTouched = true
                try folds[Int(step.fold)](Int(step.value), slots[slot].key, &slots[slot].row, events[Int(step.event)])
                if let row = slots[slot].row, !isSameKey(keyOf(row), slots[slot].key) {
                    throw ProjectionError(
                        .keyMismatch, "the fold for key \(slots[slot].key) left a row with key \(keyOf(row))")
                }
            } catch {
                fail(at: Int(step.event), error)
                return
            }
        }
    }

    package func writes() throws -> [SQL] {
        var rows: [Row] = []
        var deleted: [Row.Key] = []
        for slot in slots where slot.isTouched {
            if let row = slot.row {
                rows.append(row)
            } else if slot.isStored {
                deleted.append(slot.key)
            }
        }
        var statements: [SQL] = []
        if !deleted.isEmpty {
            statements += [.preferKeyLookUps, try Row.table.deletion(of: deleted, from: location.table)]
        }
        if !rows.isEmpty { statements.append(try Row.table.upsert(rows, into: location.table)) }
        return statements
    }

    package func execute(_ events: [RecordedEvent], in session: inout PostgresSession) throws {}

    package func committed() {
        for index in slots.indices where slots[index].isTouched {
            slots[index].isTouched = false
            slots[index].isStored = slots[index].row != nil
        }
    }
}
