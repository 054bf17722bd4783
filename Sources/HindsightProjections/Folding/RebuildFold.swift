import HindsightLog
import HindsightPostgres

/// A projection's rows during a rebuild: folded in memory, in partitions by key, and written at checkpoints.
///
/// During a replay, a partition belongs to the reader whose turn it is. Everything else happens between replays, while
/// no reader folds.
protocol RebuildFold: ReplayFold {
    /// The table that is filled.
    var table: RebuildTable { get set }

    /// The approximate memory that the rows take.
    var byteCount: Int { get }
    /// The approximate number of rows in the view, including those in memory.
    var rowCount: Int64 { get }

    /// Writes the changes since the last write, in the transaction of the checkpoint.
    func write(run: Int64, in session: inout PostgresSession) throws
    /// The events to note for parked keys, with what was written.
    func parkedNotes() -> ParkedNotes
    /// Takes in the keys that are parked, as the offset store has their texts: before any event is folded, and after a reset.
    func accept(parked texts: [String]) throws
    /// Notes that what was written is committed.
    func written()
    /// Forgets the rows. They are loaded again by key when an event concerns them, from a table that has its primary
    /// key.
    func forget()
    /// Forgets the rows, as if there had been none.
    func reset()
    /// Reads back the rows that the table has.
    ///
    /// - Returns: false if they take more than `limit` bytes. They are then loaded by key when an event concerns them.
    func reload(limit: Int, in session: inout PostgresSession) throws -> Bool

    // MARK: - Some keys only

    /// Folds only one key from now on: the one whose columns have these texts. An event that cannot be folded then is an
    /// error, and parks nothing. False if a text is not a value of its
    /// column.
    func restrict(toKey texts: [String]) -> Bool
    /// Those of some parked keys, as the offset store has their texts, that are folded.
    func chosen(amongParked texts: [String]) throws -> [String]
    /// Notes the keys that events concern and folds nothing, until ``restrictToNoted()``.
    func noteKeys()
    /// Folds only the keys that were noted.
    func restrictToNoted()
    /// The number of keys that are folded; 0 if all are.
    var chosenCount: Int { get }
    /// Replaces the table's rows of these keys with those in memory.
    func exchange(in session: inout PostgresSession) throws
}

/// The effect of a reader's batch on the rows of one projection.
protocol RebuildPlan: AnyObject {
    /// The first event that could not be decoded or planned.
    var failure: (index: Int, error: any Error)? { get }
    /// Forgets the batch.
    func begin()
}

extension FoldPlan: RebuildPlan {}
