import HindsightLog
import HindsightPostgres

/// A view in the live engine: a ``RowStore`` that is written with each batch.
final class ViewRun<Row: ViewRow>: ProjectionRun {
    /// How many keys are kept from one batch to the next. Only this run writes their rows, so they match the database.
    private static var keptKeys: Int { 10_000 }

    private(set) weak var decoders: EventDecoders?
    private let folding: ViewFolding<Row>
    private let plan: FoldPlan<Row>
    private let store: RowStore<Row>
    private var foldFailure: (index: Int, error: any Error)?
    private(set) var knowsParked = false
    private var presumption: NewRowPresumption
    let table: PostgresIdentifier?

    init(table: PostgresIdentifier, _ folding: ViewFolding<Row>) {
        self.folding = folding
        self.table = table
        presumption = NewRowPresumption(isPossible: folding.isKeyedByStream)
        plan = FoldPlan(keyOfUnreadable: folding.parking.keyOfUnreadable)
        store = RowStore(
            policy: .upsert(into: table), partitions: 1, loop: folding.loop, parkingAtMost: folding.parking.maximumKeys)
    }

    var failure: (index: Int, error: any Error)? { foldFailure ?? plan.failure }
    var planned: Int { plan.planned }
    var needsSession: Bool { false }
    var parkedKeys: Int { store.fuse.count }
    var parks: Bool { folding.parking.maximumKeys != nil }

    func bind(to decoders: EventDecoders) {
        self.decoders = decoders
        plan.bind(folding.handlers, to: decoders)
    }

    func begin(forgettingRows: Bool) {
        plan.begin()
        foldFailure = nil
        if forgettingRows {
            store.forgetParked()
            knowsParked = false
        }
        // What is not written yet is kept.
        if forgettingRows || store.heldKeys > Self.keptKeys && !store.hasTouchedRows { store.forget() }
    }

    func accept(parked texts: [String]) throws {
        store.forgetParked()
        try store.accept(parked: texts)
        knowsParked = true
    }

    func load(presumingNew events: [RecordedEvent]?) throws -> SQL? {
        try store.load(plan, partition: 0, presumingNew: presumption.isOn ? events : nil)
    }

    var presumesWithoutProof: Bool {
        store.hasPresumed { foldFailure != nil || $0.pointee.isParked || $0.pointee.isTouched && $0.pointee.row == nil }
    }

    func stopPresuming() -> Bool {
        let hasPresumed = store.hasPresumed { _ in true }
        if hasPresumed { presumption.refuted() }
        return hasPresumed
    }

    func accept(_ found: PostgresResult) throws {
        try store.accept(found, partition: 0)
    }

    func fold(_ events: [RecordedEvent]) {
        precondition(decoders != nil, "the decoded events are gone")
        foldFailure = store.fold(plan, partition: 0, events)
    }

    func writes() throws -> [SQL] {
        var statements: [SQL] = []
        try store.writeByKey { statements.append($0) }
        return statements
    }

    func writeParking(_ events: [RecordedEvent], in session: inout PostgresSession) throws {
        try store.writeParking(plan, events, in: &session)
    }

    func parkedNotes() -> ParkedNotes {
        store.parkedNotes()
    }

    func keepNoted(
        _ events: [RecordedEvent], _ noted: [(key: String, position: Int64)]
    ) throws -> (key: String, position: Int64)? {
        let isSame = Row.table.key.isSame
        var waiting: [Int64: [(text: String, key: Row.Key, isFound: Bool)]] = [:]
        for note in noted {
            waiting[note.position, default: []].append(
                (note.key, try RowStore<Row>.key(ofParked: note.key), false))
        }
        plan.keepSteps(of: 0) { step in
            let position = events[Int(step.event)].position
            guard let index = waiting[position]?.firstIndex(where: { isSame($0.key, step.key) }) else { return false }
            waiting[position]?[index].isFound = true
            return true
        }
        for (position, keys) in waiting {
            if let missing = keys.first(where: { !$0.isFound }) { return (missing.text, position) }
        }
        return nil
    }

    func isSameKey(_ texts: [String], _ others: [String]) -> Bool {
        guard let key = Row.table.key.fromText(texts), let other = Row.table.key.fromText(others) else { return false }
        return Row.table.key.isSame(key, other)
    }

    func execute(_ events: [RecordedEvent], in session: inout PostgresSession) throws {}

    var changes: ProjectionCommit.Changes {
        let keys = store.touchedKeys
        return keys.count <= ProjectionCommit.maximumKeys ? .keys(keys) : .unknown
    }

    func committed() {
        presumption.committed()
        store.written()
    }
}
