import HindsightLog
import HindsightPostgres

/// A view in a rebuild: a ``RowStore`` in partitions that is written to the rebuild's table, for all keys or for some.
///
/// `@unchecked Sendable`: a partition is used by one reader at a time, whose turn it is (``OrderedGate``); everything
/// else is used by the rebuild's own task, between replays.
final class ViewFold<Row: ViewRow>: RebuildFold, @unchecked Sendable {
    let partitionCount: Int
    var table: RebuildTable {
        didSet { store.policy = table.writePolicy }
    }
    private let folding: ViewFolding<Row>
    private let store: RowStore<Row>
    private var selection: KeySelection<Row>

    init(
        shape: ViewShape, table: PostgresIdentifier, partitions: Int, _ folding: ViewFolding<Row>
    ) {
        partitionCount = partitions
        self.table = RebuildTable(shape: shape, table: table)
        self.folding = folding
        store = RowStore(
            policy: self.table.writePolicy, partitions: partitions, loop: folding.loop,
            parkingAtMost: folding.parking.maximumKeys)
        selection = KeySelection(partitions: partitions)
    }

    func makePlan(for decoders: EventDecoders) -> any RebuildPlan {
        let plan = FoldPlan<Row>(partitions: partitionCount, keyOfUnreadable: folding.parking.keyOfUnreadable)
        plan.bind(folding.handlers, to: decoders)
        return plan
    }

    // MARK: - Folding

    func load(_ plan: any RebuildPlan, partition: Int) throws -> SQL? {
        try store.load(own(plan), partition: partition)
    }

    func accept(_ found: PostgresResult, partition: Int) throws {
        try store.accept(found, partition: partition)
    }

    func fold(_ plan: any RebuildPlan, partition: Int, _ events: [RecordedEvent]) -> (index: Int, error: any Error)? {
        let plan = own(plan)
        selection.narrow(plan, partition: partition)
        defer { store.measure(partition: partition) }
        return store.fold(plan, partition: partition, events)
    }

    private func own(_ plan: any RebuildPlan) -> FoldPlan<Row> {
        guard let plan = plan as? FoldPlan<Row> else { preconditionFailure("a plan of another projection") }
        return plan
    }

    // MARK: - Memory

    var byteCount: Int { store.byteCount + selection.byteCount }
    var rowCount: Int64 { store.rowCount }

    func forget() {
        store.forget()
    }

    func reset() {
        store.reset()
        store.forgetParked()
    }

    func reload(limit: Int, in session: inout PostgresSession) throws -> Bool {
        try store.reload(limit: limit, in: &session)
    }

    // MARK: - Writing

    func write(run: Int64, in session: inout PostgresSession) throws {
        if !table.isKeyed, store.hasRewrittenRows { try table.createChanges(in: &session) }
        try store.write(run: run, in: &session)
    }

    func parkedNotes() -> ParkedNotes {
        store.parkedNotes()
    }

    func accept(parked texts: [String]) throws {
        store.forgetParked()
        try store.accept(parked: texts)
    }

    func written() {
        store.written()
    }

    // MARK: - Some keys only

    var chosenCount: Int { selection.keys.count }

    func restrict(toKey texts: [String]) -> Bool {
        guard let key = Row.table.key.fromText(texts) else { return false }
        store.stopParking()
        selection.restrict(to: [key])
        return true
    }

    func chosen(amongParked texts: [String]) throws -> [String] {
        let (keys, isSame) = (selection.keys, Row.table.key.isSame)
        return try texts.filter { text in
            let key = try RowStore<Row>.key(ofParked: text)
            // A set finds by Swift's equality, which is wider for strings.
            return keys.contains(key) && keys.contains { isSame($0, key) }
        }
    }

    func noteKeys() {
        store.stopParking()
        selection.noteKeys()
    }

    func restrictToNoted() {
        selection.restrictToNoted()
    }

    func exchange(in session: inout PostgresSession) throws {
        try store.exchange(Array(selection.keys)) { try session.execute($0) }
    }
}
