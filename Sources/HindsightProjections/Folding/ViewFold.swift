import HindsightLog
import HindsightPostgres
import Synchronization

/// The rows of a view during a rebuild.
///
/// `@unchecked Sendable`: a partition is used by one reader at a time, whose turn it is (``OrderedGate``); everything else is
/// used by the rebuild's own task, between replays.
final class ViewFold<Row: ViewRow>: RebuildFold, @unchecked Sendable {
    private final class Partition {
        let rows = KeyedRows<Row>()
        /// The keys that the table has, once rows were forgotten.
        var stored = KeyFilter()
        var noted: Set<Row.Key> = []
        /// For those who want to know while it is folded.
        let bytes = Atomic(0)
        let count = Atomic(0)

        func measure() {
            // A few rows say how long their strings are.
            let step = max(1, rows.slots.count / 16)
            var (heap, sampled) = (0, 0)
            for index in stride(from: 0, to: rows.slots.count, by: step) {
                sampled += 1
                guard let row = rows.slots[index].row else { continue }
                heap += Row.table.columns.reduce(0) { $0 + $1.heapBytes(row) }
            }
            let outside = sampled > 0 ? heap / sampled * rows.slots.count : 0
            bytes.store(
                rows.byteCount + stored.byteCount + outside + noted.count * ViewFold.bytesPerKey, ordering: .relaxed)
            count.store(rows.slots.count, ordering: .relaxed)
        }
    }

    let partitionCount: Int
    var table: RebuildTable
    private let handlers: [ViewProjection<Row>.Handler]
    private let loops: FoldLoop<Row>
    private let partitions: [Partition]
    /// How many rows the table has.
    private var storedRows: Int64 = 0
    private var writtenRows: Int64 = 0
    /// True once some rows are in the table only.
    private var hasForgotten = false
    /// Which keys are folded; nil for all.
    private var chosen: Set<Row.Key>?
    /// True while keys are noted in place of being folded.
    private var isNoting = false

    init(
        shape: ViewShape, table: PostgresIdentifier, partitions: Int, handlers: [ViewProjection<Row>.Handler],
        loops: FoldLoop<Row>
    ) {
        self.table = RebuildTable(shape: shape, table: table)
        partitionCount = partitions
        self.handlers = handlers
        self.loops = loops
        self.partitions = (0..<partitions).map { _ in Partition() }
    }

    func makePlan(for decoders: EventDecoders) -> any RebuildPlan {
        let plan = FoldPlan<Row>(partitions: partitionCount)
        plan.bind(handlers, to: decoders)
        return plan
    }

    // MARK: - Folding

    func load(_ plan: any RebuildPlan, partition: Int) throws -> SQL? {
        guard hasForgotten else { return nil }
        let share = partitions[partition]
        var keys: [Row.Key] = []
        for step in own(plan).steps(of: partition) {
            let slot = share.rows.slot(of: step.key, hash: step.hash)
            guard !slot.pointee.isLoaded else { continue }
            slot.pointee.isLoaded = true
            if share.stored.mayContain(step.hash) { keys.append(step.key) }
        }
        return keys.isEmpty ? nil : try Row.table.selection(of: keys, from: table.table)
    }

    func accept(_ found: PostgresResult, partition: Int) throws {
        let share = partitions[partition]
        for source in found {
            let row = try Row.table.row(from: source)
            let key = Row.table.key(row)
            let slot = share.rows.slot(of: key, hash: key.hashValue)
            slot.pointee.row = row
            slot.pointee.isStored = true
        }
    }

    func fold(_ plan: any RebuildPlan, partition: Int, _ events: [RecordedEvent]) -> (index: Int, error: any Error)? {
        let plan = own(plan)
        if let chosen { plan.keepSteps(of: partition) { chosen.contains($0) } }
        guard !isNoting else {
            for step in plan.steps(of: partition) { partitions[partition].noted.insert(step.key) }
            partitions[partition].measure()
            return nil
        }
        defer { partitions[partition].measure() }
        return loops.fold(partitions[partition].rows, plan, partition, events, plan.failure?.index ?? events.count)
    }

    private func own(_ plan: any RebuildPlan) -> FoldPlan<Row> {
        guard let plan = plan as? FoldPlan<Row> else { preconditionFailure("a plan of another projection") }
        return plan
    }

    // MARK: - Memory

    var byteCount: Int {
        partitions.reduce(chosenCount * Self.bytesPerKey) { $0 + $1.bytes.load(ordering: .relaxed) }
    }

    /// About how much a key of a set takes: half of the places are free, and some keys have something outside.
    private static var bytesPerKey: Int { MemoryLayout<Row.Key>.stride * 2 + 32 }

    var rowCount: Int64 {
        hasForgotten ? storedRows : Int64(partitions.reduce(0) { $0 + $1.count.load(ordering: .relaxed) })
    }

    func forget() {
        for share in partitions {
            if !hasForgotten {
                for slot in share.rows.slots where slot.isStored { share.stored.insert(slot.hash) }
            }
            share.rows.removeAll(keepingCapacity: false)
            share.measure()
        }
        hasForgotten = true
    }

    func reset() {
        for share in partitions {
            share.rows.removeAll(keepingCapacity: false)
            share.stored = KeyFilter()
            share.measure()
        }
        hasForgotten = false
    }

    // MARK: - Writing

    func write(run: Int64, in session: inout PostgresSession) throws {
        writtenRows = 0
        if table.isKeyed {
            try writeByKey(in: &session)
        } else {
            writtenRows += Int64(try copy(to: table.table, in: &session) { !$0.isStored })
            try writeChanges(run, in: &session)
        }
    }

    func written() {
        storedRows += writtenRows
        for share in partitions {
            for index in share.rows.slots.indices where share.rows.slots[index].isTouched {
                share.rows.slots[index].isTouched = false
                // Without a key, a deleted row stays in the table until its deletion is merged.
                let isStored =
                    share.rows.slots[index].row != nil || !table.isKeyed && share.rows.slots[index].isStored
                if hasForgotten, isStored, !share.rows.slots[index].isStored {
                    share.stored.insert(share.rows.slots[index].hash)
                }
                share.rows.slots[index].isStored = isStored
            }
        }
    }

    private func copy(
        to target: PostgresIdentifier, columns: SQL? = nil, in session: inout PostgresSession,
        tail: (inout PostgresCopyRow) throws -> Void = { _ in }, where isWanted: (KeyedRows<Row>.Slot) -> Bool
    ) throws -> Int {
        guard partitions.contains(where: { $0.rows.slots.contains { $0.isTouched && $0.row != nil && isWanted($0) } })
        else { return 0 }
        return try session.copyIn(
            """
            copy \(identifier: target) (\(sql: columns ?? table.shape.columnList)) from stdin (format binary)
            """
        ) { writer in
            for share in partitions {
                for slot in share.rows.slots where slot.isTouched && isWanted(slot) {
                    guard let row = slot.row else { continue }
                    try writer.row { fields in
                        for column in Row.table.columns { try column.copy(row, &fields) }
                        try tail(&fields)
                    }
                }
            }
        }
    }

    private func writeChanges(_ run: Int64, in session: inout PostgresSession) throws {
        let isStored = partitions.contains { $0.rows.slots.contains { $0.isTouched && $0.isStored } }
        guard isStored else { return }
        if !table.hasChanges {
            try session.execute(table.changesCreation())
            table.hasChanges = true
        }
        let columns: SQL = "\(sql: table.shape.columnList), \(sql: RebuildTable.run), \(sql: RebuildTable.deleted)"
        _ = try copy(to: table.changes, columns: columns, in: &session) { fields in
            try fields.append(run)
            try fields.append(false)
        } where: {
            $0.isStored
        }
        let deleted = deletedKeys()
        guard !deleted.isEmpty else { return }
        writtenRows -= Int64(deleted.count)
        try session.execute(
            """
            insert into \(identifier: table.changes) (\(sql: table.shape.keyList), \(sql: RebuildTable.run), \
            \(sql: RebuildTable.deleted))
            select k.*, \(run), true from unnest(\(sql: try Row.table.encodeKeys(deleted).joined())) k
            """)
    }

    private func writeByKey(in session: inout PostgresSession) throws {
        let deleted = deletedKeys()
        if !deleted.isEmpty {
            writtenRows -= Int64(deleted.count)
            try session.execute(.preferKeyLookUps)
            try session.execute(try Row.table.deletion(of: deleted, from: table.table))
        }
        for share in partitions {
            var rows: [Row] = []
            for slot in share.rows.slots where slot.isTouched {
                guard let row = slot.row else { continue }
                rows.append(row)
                if !slot.isStored { writtenRows += 1 }
            }
            for part in rows.parts { try session.execute(try Row.table.upsert(part, into: table.table)) }
        }
    }

    private func deletedKeys() -> [Row.Key] {
        partitions.flatMap { share in
            share.rows.slots.lazy.filter { $0.isTouched && $0.isStored && $0.row == nil }.map(\.key)
        }
    }

    // MARK: - Going on

    func reload(limit: Int, in session: inout PostgresSession) throws -> Bool {
        reset()
        storedRows = 0
        var bytes = 0
        try read(from: table.table, in: &session) { row, key in
            let share = partitions[key.hashValue & (partitionCount - 1)]
            if bytes <= limit {
                bytes += KeyedRows<Row>.bytesPerRow + Row.table.columns.reduce(0) { $0 + $1.heapBytes(row) }
                let slot = share.rows.slot(of: key, hash: key.hashValue)
                slot.pointee.row = row
                slot.pointee.isStored = true
            }
            storedRows += 1
            share.stored.insert(key.hashValue)
        }
        guard bytes <= limit else {
            for share in partitions { share.rows.removeAll(keepingCapacity: false) }
            hasForgotten = true
            return false
        }
        for share in partitions {
            share.stored = KeyFilter()
            share.measure()
        }
        return true
    }

    private func read(
        from source: PostgresIdentifier, in session: inout PostgresSession, _ body: (Row, Row.Key) throws -> Void
    ) throws {
        try session.forEachRow("select \(sql: table.shape.columnList) from \(identifier: source)") { source in
            let row = try Row.table.row(from: source)
            try body(row, Row.table.key(row))
        }
    }

    // MARK: - Some keys only

    var chosenCount: Int { chosen?.count ?? 0 }

    func restrict(toKey texts: [String]) -> Bool {
        guard let key = Row.table.keyFromText(texts) else { return false }
        chosen = [key]
        return true
    }

    func noteKeys() {
        isNoting = true
    }

    func restrictToNoted() {
        chosen = partitions.reduce(into: Set<Row.Key>()) { $0.formUnion($1.noted) }
        for share in partitions {
            share.noted = []
            share.measure()
        }
        isNoting = false
    }

    func exchange(in session: inout PostgresSession) throws {
        let keys = Array(chosen ?? [])
        // Rows of keys that differ from a chosen one for the database only are folded with it, and exchanged with it.
        let lookalikes = partitions.flatMap { $0.rows.slots.map(\.key) }
        try session.execute(.preferKeyLookUps)
        for list in [keys, lookalikes] {
            for some in list.parts { try session.execute(try Row.table.deletion(of: some, from: table.table)) }
        }
        let rows = partitions.flatMap { $0.rows.slots.compactMap(\.row) }
        for some in rows.parts { try session.execute(try Row.table.upsert(some, into: table.table)) }
    }
}

extension Array {
    /// As much at a time as a statement takes: its arrays are memory, too.
    fileprivate var parts: some Sequence<[Element]> {
        stride(from: 0, to: count, by: 20_000).lazy.map { Array(self[$0..<Swift.min($0 + 20_000, count)]) }
    }
}
