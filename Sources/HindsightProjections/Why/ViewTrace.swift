import HindsightLog
import HindsightPostgres

/// Folds the row of one key as the engine does, and shows it between events.
///
/// `@unchecked Sendable`: the reader whose turn it is folds (``OrderedGate``); everything else is used by the task that
/// replays, before and after.
final class ViewTrace<Row: ViewRow>: RowTrace, @unchecked Sendable {
    let partitionCount = 1
    var onStep: @Sendable (RowStep) throws -> Void = { _ in }
    private(set) var refusal: (any Error)?
    private(set) var stepCount = 0

    private let key: Row.Key
    private let table = Row.table
    private let folding: ViewFolding<Row>
    private let rows = KeyedRows<Row>(parked: ParkedKeys(fuse: ParkingFuse(limit: nil)))
    /// True once an event could not be applied: readers may be ahead of it.
    private var hasEnded = false

    /// - Parameter texts: the texts of the key's columns.
    /// - Returns: nil if a text is not a value of its column.
    init?(key texts: [String], _ folding: ViewFolding<Row>) {
        guard let key = Row.table.key.fromText(texts) else { return nil }
        self.key = key
        self.folding = folding
    }

    // MARK: - Folding

    func makePlan(for decoders: EventDecoders) -> any RebuildPlan {
        let plan = FoldPlan<Row>(keyOfUnreadable: folding.parking.keyOfUnreadable)
        plan.bind(folding.handlers, to: decoders)
        return plan
    }

    /// Nothing: the row is folded from the beginning.
    func load(_ plan: any RebuildPlan, partition: Int) -> SQL? { nil }
    func accept(_ rows: PostgresResult, partition: Int) {}

    func fold(_ plan: any RebuildPlan, partition: Int, _ events: [RecordedEvent]) -> (index: Int, error: any Error)? {
        guard let plan = plan as? FoldPlan<Row> else { preconditionFailure("a plan of another projection") }
        guard !hasEnded else { return nil }
        hasEnded = plan.failure != nil
        let end = plan.failure?.index ?? events.count
        let steps = plan.steps(of: 0).filter { Int($0.event) < end && table.key.isSame($0.key, key) }
        var next = 0
        while next < steps.count {
            let index = Int(steps[next].event)
            // An event may name a key more than once.
            plan.keepSteps(of: 0) { _ in false }
            while next < steps.count, steps[next].event == index {
                let step = steps[next]
                plan.plan(step.key, fold: Int(step.fold), value: Int(step.value), event: index)
                next += 1
            }
            if let error = take(plan, events, index) {
                hasEnded = true
                return (index, error)
            }
        }
        return nil
    }

    /// Folds the one event that is planned.
    private func take(_ plan: FoldPlan<Row>, _ events: [RecordedEvent], _ index: Int) -> (any Error)? {
        let slot = rows.slot(of: key, hash: key.hashValue)
        let before = slot.pointee.row
        if let (_, error) = folding.loop.fold(rows, plan, 0, events, events.count) {
            // The fold may have changed half of it.
            slot.pointee.row = before
            return error
        }
        stepCount += 1
        do {
            try onStep(RowStep(event: events[index], before: text(before), after: row))
            return nil
        } catch {
            refusal = error
            return error
        }
    }

    // MARK: - The row

    var keyTexts: [String] { table.key.texts(key) }

    var row: [String?]? { text(rows.slot(of: key, hash: key.hashValue).pointee.row) }

    func stored(in table: PostgresIdentifier, _ session: inout PostgresSession) throws -> [String?]? {
        text(try session.query(self.table.selection(of: [key], from: table)).first.map(self.table.row))
    }

    func rowAsStored(_ session: inout PostgresSession) throws -> [String?]? {
        guard let row = rows.slot(of: key, hash: key.hashValue).pointee.row else { return nil }
        return text(try session.query(table.literal(row)).first.map(table.row))
    }

    private func text(_ row: Row?) -> [String?]? {
        guard let row else { return nil }
        return withUnsafePointer(to: row) { row in table.columns.map { $0.text(row) } }
    }
}
