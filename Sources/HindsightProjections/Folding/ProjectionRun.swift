package import HindsightLog
package import HindsightPostgres

/// A projection at work on batches: it plans which rows the events concern, folds them in memory and makes the
/// statements that write them.
///
/// It is not `Sendable`: one task uses it at a time, and the engine passes it on under a lock.
package protocol ProjectionRun: AnyObject {
    /// Where this projection stops in the batch: the index of the event that could not be decoded or applied, and why.
    var failure: (index: Int, error: any Error)? { get }
    /// How many events of the batch concern the projection.
    var planned: Int { get }

    /// The decoders to which it is bound.
    var decoders: EventDecoders? { get }

    /// Binds the run to `decoders`, in place of those that it was bound to before.
    func bind(to decoders: EventDecoders)
    /// Forgets the batch and, if asked to, the rows that are kept for the next one.
    func begin(forgettingRows: Bool)
    /// The statement that loads the rows that the batch concerns; nil if there is nothing to load.
    func load() throws -> SQL?
    /// Takes in the rows that ``load()`` requested.
    func accept(_ rows: PostgresResult) throws
    /// Folds the batch's events, in order, up to a failure.
    func fold(_ events: [RecordedEvent])
    /// The statements that write what changed.
    func writes() throws -> [SQL]
    /// Runs what cannot be done in memory, within the transaction.
    func execute(_ events: [RecordedEvent], in session: inout PostgresSession) throws
    /// True if ``execute(_:in:)`` has work to do.
    var needsSession: Bool { get }
    /// The changes of the batch; ask before ``committed()``.
    var changes: ProjectionCommit.Changes { get }
    /// Notes that what was written is committed.
    func committed()
}
