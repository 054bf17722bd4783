import Hindsight
import HindsightPostgres
import HindsightProjections

/// A store, with plans that are made by hand.
struct StoreUnderTest {
    struct Refusal: Error {}

    enum Step {
        case add(String)
        case remove(String)
        case fail(String)
    }

    enum Statement: Hashable {
        case preferKeyLookUps
        case delete
        case upsert
        case insert
        case other(String)

        init(_ statement: SQL) {
            let text = statement.text
            self =
                if text == SQL.preferKeyLookUps.text {
                    .preferKeyLookUps
                } else if text.hasPrefix("delete from \"tally\"") {
                    .delete
                } else if text.hasPrefix("insert into \"tally\"") && text.contains("on conflict") {
                    .upsert
                } else if text.hasPrefix("insert into \"tally\"") {
                    .insert
                } else {
                    .other(text)
                }
        }
    }

    let store: RowStore<Tally>
    let partitions: Int

    private init(_ store: RowStore<Tally>, partitions: Int) {
        self.store = store
        self.partitions = partitions
    }

    /// The table that a fresh store copies into.
    static let table = RebuildTable(shape: ViewShape(Tally.table), table: "tally")

    /// A store that upserts, as the live engine's does.
    static func live(parkingAtMost maximum: Int? = nil) -> StoreUnderTest {
        StoreUnderTest(
            RowStore(
                policy: .upsert(into: table.table), partitions: 1, loop: FoldLoop(), parkingAtMost: maximum),
            partitions: 1)
    }

    /// A store that copies into a fresh table, as a rebuild's does.
    static func fresh(partitions: Int = 4) -> StoreUnderTest {
        StoreUnderTest(
            RowStore(policy: table.writePolicy, partitions: partitions, loop: FoldLoop()), partitions: partitions)
    }

    /// A plan whose events are the steps.
    func plan(_ steps: [Step]) -> FoldPlan<Tally> {
        precondition(steps.count <= Self.events.count)
        let plan = FoldPlan<Tally>(partitions: partitions)
        let add = plan.addFold { _, key, row, _ in row = Tally(key, (row?.count ?? 0) + 1) }
        let remove = plan.addFold { _, _, row, _ in row = nil }
        let fail = plan.addFold { _, _, _, _ in throw Refusal() }
        for (index, step) in steps.enumerated() {
            switch step {
            case .add(let key): plan.plan(key, fold: add, value: index, event: index)
            case .remove(let key): plan.plan(key, fold: remove, value: index, event: index)
            case .fail(let key): plan.plan(key, fold: fail, value: index, event: index)
            }
        }
        return plan
    }

    /// The keys that have to be loaded for the steps.
    func missing(_ steps: Step...) -> [String] {
        let plan = plan(steps)
        return (0..<partitions).flatMap { store.missingKeys(plan, partition: $0) }.sorted()
    }

    /// The keys that have to be loaded if those of new streams need not be. The first event begins a stream, the others do not.
    func missing(presumingNew steps: Step...) -> [String] {
        let plan = plan(steps)
        return (0..<partitions).flatMap { store.missingKeys(plan, partition: $0, presumingNew: Self.events) }.sorted()
    }

    /// Folds the steps; the index of the one that failed.
    @discardableResult
    func fold(_ steps: Step...) -> Int? { fold(plan(steps)) }

    @discardableResult
    func fold(_ steps: [Step]) -> Int? { fold(plan(steps)) }

    func fold(_ plan: FoldPlan<Tally>) -> Int? {
        var failed: Int?
        for partition in 0..<partitions {
            // Nothing that is missing is there.
            _ = store.missingKeys(plan, partition: partition)
            if let (index, _) = store.fold(plan, partition: partition, Self.events) {
                failed = min(index, failed ?? index)
            }
            store.measure(partition: partition)
        }
        return failed
    }

    /// The rows to write.
    var changed: Set<Tally> { Set((0..<partitions).flatMap { store.changedRows(partition: $0) }) }

    /// The keys to delete.
    var deleted: Set<String> { Set(store.deletedKeys) }

    /// The statements that write what has changed.
    func statements(atMost count: Int = .max) throws -> [Statement] {
        var statements: [Statement] = []
        try store.writeByKey(atMost: count) { statements.append(Statement($0)) }
        return statements
    }

    /// Folds here do not look at events, but there must be as many as there are steps.
    private static let events = (0..<Int64(1_000)).map(event)

    static func event(_ position: Int64) -> RecordedEvent {
        let time = Timestamp(microsecondsSince1970: 0)
        return RecordedEvent(
            position: position, stream: "a-1", version: position, id: .version7(), type: "T", schemaVersion: 1,
            occurredAt: time, recordedAt: time, correlationID: nil, causationID: nil, data: [], metadata: nil)
    }
}
