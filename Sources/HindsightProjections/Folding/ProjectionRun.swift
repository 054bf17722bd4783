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
    /// True if an event that cannot be applied parks its key.
    var parks: Bool { get }
    /// How many keys are parked, as far as is known.
    var parkedKeys: Int { get }
    /// False if ``accept(parked:)`` has to be called before anything is loaded.
    var knowsParked: Bool { get }
    /// Takes in the keys that are parked, as the offset store has their texts.
    func accept(parked texts: [String]) throws
    /// The statement that loads the rows that the batch concerns; nil if there is nothing to load.
    ///
    /// - Parameter events: the batch, if its new streams may be presumed to have no row yet: ``writes()`` then fails with a unique
    ///   violation where one had. Nil: all rows are looked up.
    func load(presumingNew events: [RecordedEvent]?) throws -> SQL?
    /// True if a row was presumed to be new, and nothing that the fold has left can show whether it was: a fold has failed, the key is
    /// parked, or there is no row.
    var presumesWithoutProof: Bool { get }
    /// Looks up all rows for a while if any of this batch was presumed to be new, see ``NewRowPresumption``.
    ///
    /// - Returns: true if any was.
    func stopPresuming() -> Bool
    /// The table of the rows; nil where statements of the projection's own write.
    var table: PostgresIdentifier? { get }
    /// Takes in the rows that ``load()`` requested.
    func accept(_ rows: PostgresResult) throws
    /// Folds the batch's events, in order, up to a failure.
    func fold(_ events: [RecordedEvent])
    /// The statements that write what changed.
    func writes() throws -> [SQL]
    /// Writes what changed, within a transaction, and parks the keys whose rows the database refuses.
    func writeParking(_ events: [RecordedEvent], in session: inout PostgresSession) throws
    /// The events to note for parked keys, with what was written.
    func parkedNotes() -> ParkedNotes
    /// Leaves out of the batch what is not noted for a key.
    ///
    /// - Returns: a noted event that does not concern its key any more.
    func keepNoted(
        _ events: [RecordedEvent], _ noted: [(key: String, position: Int64)]
    ) throws -> (key: String, position: Int64)?
    /// Whether texts of key columns identify the same row.
    func isSameKey(_ texts: [String], _ others: [String]) -> Bool
    /// Runs what cannot be done in memory, within the transaction.
    func execute(_ events: [RecordedEvent], in session: inout PostgresSession) throws
    /// True if ``execute(_:in:)`` has work to do.
    var needsSession: Bool { get }
    /// The changes of the batch; ask before ``committed()``.
    var changes: ProjectionCommit.Changes { get }
    /// Notes that what was written is committed.
    func committed()
}
