import HindsightLog
import HindsightPostgres

/// A view projection at work on a batch, one after the other.
final class ViewRun<Row: ViewRow> {
    /// How many rows are kept from one batch to the next. They are as the database has them: only this run writes them.
    private static var keptRows: Int { 10_000 }

    private(set) weak var decoders: EventDecoders?
    private let keyOf: @Sendable (borrowing Row) -> Row.Key
    private let table: PostgresIdentifier
    private let handlers: [ViewProjection<Row>.Handler]
    private let loops: FoldLoop<Row>
    private let plan = FoldPlan<Row>()
    private let rows = KeyedRows<Row>()
    private var foldFailure: (index: Int, error: any Error)?

    init(table: PostgresIdentifier, handlers: [ViewProjection<Row>.Handler], loops: FoldLoop<Row>) {
        keyOf = Row.table.key
        self.table = table
        self.handlers = handlers
        self.loops = loops
    }
}

extension ViewRun: ProjectionRun {
    var failure: (index: Int, error: any Error)? { foldFailure ?? plan.failure }
    var planned: Int { plan.planned }
    var needsSession: Bool { false }

    func bind(to decoders: EventDecoders) {
        self.decoders = decoders
        plan.bind(handlers, to: decoders)
    }

    func begin(forgettingRows: Bool) {
        plan.begin()
        foldFailure = nil
        if forgettingRows || rows.slots.count > Self.keptRows { rows.removeAll(keepingCapacity: true) }
    }

    func load() throws -> SQL? {
        var keys: [Row.Key] = []
        for step in plan.steps(of: 0) {
            let slot = rows.slot(of: step.key, hash: step.hash)
            guard !slot.pointee.isLoaded else { continue }
            slot.pointee.isLoaded = true
            keys.append(step.key)
        }
        return keys.isEmpty ? nil : try Row.table.selection(of: keys, from: table)
    }

    func accept(_ found: PostgresResult) throws {
        for source in found {
            let row = try Row.table.row(from: source)
            let key = keyOf(row)
            let slot = rows.slot(of: key, hash: key.hashValue)
            slot.pointee.row = row
            slot.pointee.isStored = true
        }
    }

    func fold(_ events: [RecordedEvent]) {
        precondition(decoders != nil, "the decoded events are gone")
        foldFailure = loops.fold(rows, plan, 0, events, events.count)
    }

    func writes() throws -> [SQL] {
        var changed: [Row] = []
        var deleted: [Row.Key] = []
        for slot in rows.slots where slot.isTouched {
            if let row = slot.row {
                changed.append(row)
            } else if slot.isStored {
                deleted.append(slot.key)
            }
        }
        var statements: [SQL] = []
        if !deleted.isEmpty {
            statements += [.preferKeyLookUps, try Row.table.deletion(of: deleted, from: table)]
        }
        if !changed.isEmpty { statements.append(try Row.table.upsert(changed, into: table)) }
        return statements
    }

    func execute(_ events: [RecordedEvent], in session: inout PostgresSession) throws {}

    var changes: ProjectionCommit.Changes { .keys(rows.slots.filter(\.isTouched).map(\.key)) }

    func committed() {
        for index in rows.slots.indices where rows.slots[index].isTouched {
            rows.slots[index].isTouched = false
            rows.slots[index].isStored = rows.slots[index].row != nil
        }
    }
}
