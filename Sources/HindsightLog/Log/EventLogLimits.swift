/// The limits on the size of an append's parts. An append that exceeds a limit is refused before anything is sent.
///
/// Each log states its limits (``EventLog/limits``). The defaults are those of the PostgreSQL log, whose database has the same, for
/// programs of all kinds: `PostgresEventLog.prepare()` raises those that are lower than the program's, and `set_append_limit()` sets them.
public struct EventLogLimits: Hashable, Sendable {
    /// The bytes of a stream's name in UTF-8, 1 to 512. The table's own bound is 512.
    public var streamNameBytes = 512
    /// The bytes of an event type's name in UTF-8, 1 to 256. The table's own bound is 256.
    public var typeNameBytes = 256
    /// The bytes of an event's data. Defaults to 16 MiB. PostgreSQL accepts at most 1 GB for a value, and less for a
    /// call.
    public var eventBytes = 16 << 20
    /// The bytes of an event's metadata. Defaults to 64 KiB.
    public var metadataBytes = 64 << 10
    /// The bytes of a correlation or causation id in UTF-8. Defaults to 1 KiB.
    public var correlationBytes = 1 << 10
    /// The events of one append, over all its streams. Defaults to `20_000`.
    public var batchEvents = 20_000
    /// The bytes of data and metadata of one append, over all its events. Defaults to 128 MiB.
    public var batchBytes = 128 << 20
    /// The streams of one append. Each takes an advisory lock until the transaction ends; a server with default
    /// settings has about 6,400 of them for all transactions together. Defaults to `1_000`.
    public var batchStreams = 1_000

    /// The defaults.
    public init() {}
}
