public import HindsightValues

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// An append-only, totally ordered store of events.
///
/// Positions only grow. Readers never see an event appear at or below the ``frontier()``, which is why an offset can be
/// a single number.
///
/// ## Running a log
/// Nothing starts by itself. While ``run()`` runs, as a service or inside ``withRunning(_:_:)``, readers are woken by
/// the appends of other processes, and the appends of this one are announced to them. A log that is not running still
/// appends and reads: its readers look again at every poll interval, readers in the same process are woken at once, and
/// other processes are notified at the next ``flush()`` or not at all, so that they find the events at their own next
/// look.
///
/// ## Implementing a log
/// Everything in the contract can be constructed from another package. `HindsightTesting` has the cases that every log
/// must pass (`LogContract`).
public protocol EventLog: Sendable {
    /// The identity of the log, under which offsets are stored.
    func identity() async throws -> UUID

    /// The limits of an append, so that callers can refuse one before sending it.
    var limits: EventLogLimits { get }

    /// What the log can do beyond this contract.
    var abilities: LogAbilities { get }

    /// Makes what the log needs where its events are stored, as far as it is missing. Any number of processes may call it
    /// at once. Defaults to doing nothing.
    func prepare() async throws

    // MARK: - Appending

    /// Appends events to several streams at once: all of them or, if an error is thrown, none.
    ///
    /// Every event has an id. An append whose events are all stored already, as exactly this append, changes nothing
    /// and returns the first result again, whatever it expects.
    ///
    /// - Returns: a result for each stream, in the order of `appends`.
    /// - Throws: ``EventLogError`` with `conflict`, `knownEvents`, `invalidAppend`, `contention` or `unavailable`.
    @discardableResult
    func append(_ appends: [StreamAppend]) async throws -> [AppendResult]

    /// Appends events to one stream.
    ///
    /// Concurrent calls may be committed together; each gets its own result.
    ///
    /// - Throws: ``EventLogError`` with `conflict`, `knownEvents`, `invalidAppend`, `contention` or `unavailable`.
    @discardableResult
    func append(_ events: [NewEvent], to stream: StreamName, expected: ExpectedVersion) async throws -> AppendResult

    /// Appends events of several streams in the given order, all or none, whatever the version of each stream: an
    /// import.
    ///
    /// - Returns: the position of the last event.
    /// - Throws: ``EventLogError`` with `knownEvents`, `invalidAppend`, `contention` or `unavailable`.
    @discardableResult
    func append(inOrder events: [StreamEvent]) async throws -> Int64

    /// Appends events as ``append(inOrder:)`` does, exactly as another log or file has them: events that state when
    /// they were first recorded keep that time, and events that are already stored, as exactly this append, are not
    /// stored again, however long ago that was.
    ///
    /// Needs ``LogAbilities/verbatimImport``; defaults to the error of a log without it.
    ///
    /// - Returns: where the last event stands, and whether all of them were stored already.
    /// - Throws: ``EventLogError`` with `knownEvents`, `invalidAppend`, `contention` or `unavailable`; with
    ///   `unsupported` from a log that lacks the ability.
    @discardableResult
    func append(verbatim events: [StreamEvent]) async throws -> AppendResult

    // MARK: - Reading

    /// Reads the log after an offset: at most `limit` wanted events, and never past the frontier.
    ///
    /// The batch states how far it reaches, even if it has no wanted event, so that a reader of rare types makes
    /// progress.
    ///
    /// - Parameters:
    ///   - offset: where the reader stands. Its anchor is compared with the log's event there.
    ///   - frontier: a frontier that was found earlier, or a place below one, which saves looking for it; nil for the
    ///     current one.
    ///   - filter: which events to return.
    ///   - limit: the maximum number of events.
    ///   - maximumBytes: the maximum total size of the events (``RecordedEvent/byteCount``); a single event may be
    ///     larger.
    /// - Throws: ``EventLogError`` with `anchorMismatch` when the log was rewound or replaced, or ends below the
    ///   offset.
    func read(
        after offset: Offset, through frontier: Offset?, filter: EventFilter, limit: Int, maximumBytes: Int
    ) async throws -> EventBatch

    /// A reader with its own place. Defaults to one that calls ``read(after:through:filter:limit:maximumBytes:)``.
    func reader(after offset: Offset, filter: EventFilter) async throws -> any LogReader

    /// Reads the wanted events above a position and up to another one into a buffer, with some of their fields: those
    /// up to the end of the range, or fewer if they are large. Several readers may read ranges in parallel.
    ///
    /// Neither position need hold an event, and no anchor is compared: a reader of ranges verifies the places where it
    /// starts and ends. Defaults to pages of ``read(after:through:filter:limit:maximumBytes:)``, whose events have all
    /// of their fields.
    ///
    /// - Parameters:
    ///   - position: the position below the range.
    ///   - end: the last position of the range, at or below a frontier that was found earlier.
    ///   - filter: which events to read.
    ///   - fields: which fields the events must have; others may be missing.
    ///   - maximumBytes: the total size of events at which the range is cut; a single event may be larger.
    ///   - buffer: the buffer to read into. ``RawEventBuffer/through`` states how far the reading got.
    func read(
        after position: Int64, through end: Int64, filter: EventFilter, fields: EventFields, maximumBytes: Int,
        into buffer: RawEventBuffer
    ) async throws

    /// Delivers all events after one place and up to another, in order and as they arrive, in bounded memory. Defaults
    /// to pages of ``read(after:through:filter:limit:maximumBytes:)``.
    ///
    /// - Parameters:
    ///   - offset: where to start.
    ///   - end: where to stop; a frontier that was found earlier, or a place below one.
    ///   - body: called with one event after another. An error that it throws ends the reading.
    func forEachEvent(
        after offset: Offset, through end: Offset, _ body: @escaping @Sendable (RecordedEvent) throws -> Void
    ) async throws

    /// Reads a stream from a version, inclusive, forward or backward.
    ///
    /// - Parameters:
    ///   - version: where to start; nil for the start of the stream, or its end when reading backward.
    ///   - limit: the maximum number of events.
    ///   - maximumBytes: the maximum total size of the events; a single event may be larger.
    func readStream(
        _ stream: StreamName, from version: Int64?, backward: Bool, limit: Int, maximumBytes: Int
    ) async throws -> EventPage

    /// The streams whose id (``StreamName/id``) is this one, in any category, in no order; nil if the log cannot find them
    /// without reading its events. Defaults to nil.
    ///
    /// Each stream with a visible event is among them, so that whoever needs the events of one id need not read the others.
    func streams(withID id: String) async throws -> [StreamName]?

    /// Reads the log backward from a position, inclusive; nil for the frontier.
    ///
    /// - Parameters:
    ///   - position: where to start.
    ///   - filter: which events to read.
    ///   - limit: the maximum number of events.
    ///   - maximumBytes: the maximum total size of the events; a single event may be larger.
    func readBackward(
        from position: Int64?, filter: EventFilter, limit: Int, maximumBytes: Int
    ) async throws -> EventPage

    /// The stored events with these ids, in the order of their positions.
    ///
    /// Needs ``LogAbilities/eventsByID``; defaults to the error of a log without it.
    ///
    /// - Parameters:
    ///   - ids: the ids to look for.
    ///   - position: only events above it, so that the next page starts behind the last one.
    ///   - maximumBytes: the maximum total size of the events; a single event may be larger.
    func events(withIDs ids: [UUID], after position: Int64, maximumBytes: Int) async throws -> EventPage

    /// The visible events at these positions, in the order of their positions; those that hold none are left out. Defaults to one
    /// reading for each position.
    ///
    /// - Parameters:
    ///   - positions: where to look.
    ///   - maximumBytes: the maximum total size of the events; a single event may be larger. The page is cut if there are more.
    func events(at positions: [Int64], maximumBytes: Int) async throws -> EventPage

    // MARK: - Places

    /// The highest visible position below which nothing can still appear.
    func frontier() async throws -> Offset

    /// The open appends that hold the frontier back at this moment, the one that holds it furthest back first: events may have been
    /// appended behind them that no reader sees before they end. Nil if the log does not know. Defaults to nil.
    func frontierHolders() async throws -> [HoldingTransaction]?

    /// Looks for what endangers the log, or will: settings of its server, missing indexes, open appends that hold readers back. It only
    /// reads, in bounded time, and gives up what somebody has locked; ``inspect(_:)`` looks at all events. Defaults to finding nothing.
    ///
    /// - Parameter app: the program whose commands are named as remedies.
    /// - Throws: an error if the log cannot be reached. What may not be looked at is no error, and is in the report.
    func examine(app: String) async throws -> HealthReport

    /// The place right before a position: that of the highest visible event below it, never past the frontier.
    func offset(before position: Int64) async throws -> Offset

    /// A place that is followed by all events recorded at or after a time.
    ///
    /// Recorded times grow with positions, except within the duration of an append, and a log may rely on that. The
    /// first events after the place may be a little older, so a reader looks at their times as well.
    func offset(recordedBefore time: Timestamp) async throws -> Offset

    /// Checks that the log holds the offset's anchor at its position.
    ///
    /// - Throws: ``EventLogError`` with `anchorMismatch`.
    func verify(_ offset: Offset) async throws

    /// How far behind a reader at a position is, counted up to a limit.
    ///
    /// - Parameters:
    ///   - position: where the reader stands.
    ///   - head: the position up to which to count.
    ///   - filter: which events the reader wants.
    ///   - limit: with more events than this, the lag is not exact, and reads "more than" this number.
    func lag(after position: Int64, through head: Int64, filter: EventFilter, limit: Int64) async throws -> LogLag

    /// The proof that a range was read completely: either checksums of the events of each of these types above a
    /// position and up to another one, which a reader can compare with its own, or that each position holds an event.
    func proof(after position: Int64, through end: Int64, types: [String]) async throws -> LogProof

    /// The number of events, and of streams.
    ///
    /// Needs ``LogAbilities/size``; defaults to the error of a log without it.
    func size() async throws -> LogSize

    // MARK: - Waking

    /// Wakes readers when there may be new events. It may wake them for nothing and, if notifications are lost, late,
    /// but no later than the log's poll interval.
    func changes() -> LogChanges

    /// Returns when other processes have been notified of the appends through this object. Defaults to doing nothing.
    func flush() async

    /// Listens for the appends of other processes and announces those of this one, until the task is cancelled or the
    /// service group shuts down. It can be called more than once; one call at a time does the work.
    func run() async throws
}
