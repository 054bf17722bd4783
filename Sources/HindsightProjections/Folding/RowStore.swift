package import HindsightLog
package import HindsightPostgres

/// The rows of a view in memory, by key: loaded when an event concerns them, folded, written and forgotten.
///
/// Keys are assigned to partitions by hash. Several tasks may load and fold at the same time, each in its own
/// partition; everything else needs exclusive access, but ``byteCount`` and ``rowCount`` may be read at any time.
package final class RowStore<Row: ViewRow> {
    /// Which rows the table may have that are not in memory.
    enum Unheld {
        /// None: a key that is not in memory has no row.
        case nothing
        /// Rows that were forgotten, whose keys are listed.
        case forgotten
        /// Any: a row that is not in memory has to be looked up.
        case anything
    }

    /// How changed rows are written.
    package var policy: WritePolicy
    let view = Row.table
    let partitions: [RowPartition<Row>]
    var unheld: Unheld
    /// By how many rows the table has grown since the beginning, or since its rows were read back.
    var storedRows: Int64 = 0
    private let loop: FoldLoop<Row>
    let fuse: ParkingFuse

    /// A store without rows.
    ///
    /// - Parameters:
    ///   - policy: a table that is upserted into may have any rows; one that is copied into is empty, or is read back
    ///     first.
    ///   - count: the number of partitions, a power of two.
    ///   - maximumParked: how many keys may be parked; nil: none, an error ends the fold.
    package init(
        policy: WritePolicy, partitions count: Int, loop: FoldLoop<Row>, parkingAtMost maximumParked: Int? = nil
    ) {
        self.policy = policy
        let fuse = ParkingFuse(limit: maximumParked)
        self.fuse = fuse
        partitions = (0..<count).map { _ in RowPartition(fuse: fuse) }
        unheld =
            switch policy {
            case .upsert: .anything
            case .copy: .nothing
            }
        self.loop = loop
    }

    // MARK: - Loading

    /// The statement that loads what a partition's steps need; nil if there is nothing to load.
    ///
    /// - Parameter events: the plan's events, if keys whose first one begins a stream are presumed to have no row. They are not looked
    ///   up: their rows are inserted, which fails if there is one.
    package func load(
        _ plan: FoldPlan<Row>, partition: Int, presumingNew events: [RecordedEvent]? = nil
    ) throws -> SQL? {
        let keys = missingKeys(plan, partition: partition, presumingNew: events)
        return keys.isEmpty ? nil : try view.selection(of: keys, from: policy.table)
    }

    /// The keys of a partition's steps that the table may have and that are not in memory. They count as loaded from
    /// now on.
    package func missingKeys(
        _ plan: FoldPlan<Row>, partition: Int, presumingNew events: [RecordedEvent]? = nil
    ) -> [Row.Key] {
        let unheld = unheld
        guard unheld != .nothing else { return [] }
        let share = partitions[partition]
        var keys: [Row.Key] = []
        for step in plan.steps(of: partition) {
            let slot = share.rows.slot(of: step.key, hash: step.hash)
            guard !slot.pointee.isLoaded else { continue }
            slot.pointee.isLoaded = true
            if let events, events[Int(step.event)].version == 0, !slot.pointee.isParked {
                share.rows.presumeNew(slot)
                continue
            }
            if unheld == .anything || share.stored.mayContain(step.hash) { keys.append(step.key) }
        }
        return keys
    }

    /// True if `isWanted` is true for a slot whose key was presumed to have no row, which is not yet written.
    func hasPresumed(where isWanted: (UnsafeMutablePointer<KeyedRows<Row>.Slot>) -> Bool) -> Bool {
        partitions.contains { $0.rows.containsPresumed(where: isWanted) }
    }

    /// Takes in the rows that ``load(_:partition:presumingNew:)`` requested.
    package func accept(_ found: PostgresResult, partition: Int) throws {
        for source in found { accept(try view.row(from: source), partition: partition) }
    }

    /// Takes in a row as the table has it.
    package func accept(_ row: Row, partition: Int) {
        partitions[partition].accept(row, view.key(of: row))
    }

    // MARK: - Folding

    /// Folds a partition's steps, in the order of the events, up to the event at which planning failed, if it did.
    ///
    /// The rows of parked keys stay as they are, and the steps are noted.
    ///
    /// - Returns: the index of the event that could not be applied, and why.
    package func fold(
        _ plan: FoldPlan<Row>, partition: Int, _ events: [RecordedEvent]
    ) -> (index: Int, error: any Error)? {
        let fold = partitions[partition].parked.isNeeded ? loop.foldParking : loop.fold
        return fold(partitions[partition].rows, plan, partition, events, plan.failure?.index ?? events.count)
    }
}
