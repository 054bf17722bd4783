import HindsightLog
import HindsightPostgres

/// A projection's rows during a rebuild: folded in memory, in partitions by key, and written at checkpoints.
///
/// A partition belongs to the reader whose turn it is; everything else happens between replays, when nobody folds.
protocol RebuildFold: AnyObject, Sendable {
    /// How many partitions there are.
    var partitionCount: Int { get }
    /// The table that is filled.
    var table: RebuildTable { get set }

    /// A plan for a reader, bound to the reader's decoders.
    func makePlan(for decoders: EventDecoders) -> any RebuildPlan

    /// The statement that loads what a partition needs from the table; nil when all is in memory, or new.
    func load(_ plan: any RebuildPlan, partition: Int) throws -> SQL?
    /// Takes in the rows that were loaded.
    func accept(_ rows: PostgresResult, partition: Int) throws
    /// Folds a partition's share of a batch. Returns the index of the event that failed, and why.
    func fold(_ plan: any RebuildPlan, partition: Int, _ events: [RecordedEvent]) -> (index: Int, error: any Error)?

    /// About how much memory the rows take.
    var byteCount: Int { get }
    /// How many rows the view has, those in memory included, about.
    var rowCount: Int64 { get }

    /// Writes what has changed since it was last written, in the transaction of the checkpoint.
    func write(run: Int64, in session: inout PostgresSession) throws
    /// What was written is committed.
    func written()
    /// Forgets the rows: they are read back by key, from a table that has one.
    func forget()
    /// Forgets the rows, and that there were any.
    func reset()
    /// Reads back what an earlier process wrote.
    ///
    /// - Returns: false when it takes more than `limit` bytes; the rows are then read by key when they are wanted.
    func reload(limit: Int, in session: inout PostgresSession) throws -> Bool

    // MARK: - Some keys only

    /// Folds only these keys from now on: the one whose columns have these texts. False if a text is no value of its column.
    func restrict(toKey texts: [String]) -> Bool
    /// Notes the keys of what is folded and folds nothing, until ``restrictToNoted()``.
    func noteKeys()
    /// Folds only the keys that were noted.
    func restrictToNoted()
    /// How many keys it is restricted to.
    var chosenCount: Int { get }
    /// Puts the rows of the chosen keys in the place of those that the table has.
    func exchange(in session: inout PostgresSession) throws
}

/// What a reader's batch means for the rows of one projection.
protocol RebuildPlan: AnyObject {
    /// The first event that could not be decoded or planned.
    var failure: (index: Int, error: any Error)? { get }
    /// Forgets the batch.
    func begin()
}

extension FoldPlan: RebuildPlan {}
