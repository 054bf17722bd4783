public import HindsightLog
public import HindsightPostgres
public import Logging
import Synchronization

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The event log in a PostgreSQL database.
///
/// ## Appending
/// Appends of one event or a few to one stream, made at the same time, are committed together; each caller gets its own
/// result or conflict. Appends to different streams never wait for one another.
///
/// ## Reading
/// A reader sees events in the order of their positions, and never one that turns up behind it: the article "The frontier and
/// its proof" says how.
///
/// ## Running
/// It is a `Service`: put it into the service group of a server, before what uses it, or a command's work into
/// ``withRunning(_:_:)``. Nothing starts before that. A log that nobody runs appends and reads all the same, but its readers find the
/// appends of other processes only at their poll interval, and other processes are told of its own appends only by ``flush()``.
public final class PostgresEventLog: EventLog {
    /// How a log is used.
    public struct Configuration: Sendable {
        /// The schema of the log's objects. Several logs fit in one database. Defaults to `hindsight`.
        public var schema = "hindsight"
        /// How large an append may be.
        public var limits = EventLogLimits()
        /// How many groups of concurrent appends may be under way at once, each on a connection. 1 or more; defaults to 2.
        public var appendGroups = 2
        /// How many events a group may hold. Defaults to 256.
        public var groupEvents = 256
        /// How often a reader looks for events of which no notification told it. Defaults to one second.
        public var pollInterval: Duration = .seconds(1)
        /// The least time between two notifications to other processes. Defaults to 10 milliseconds. A process that reads the log
        /// as well sends the first one two milliseconds late, so that its own readers come first.
        public var notifyInterval: Duration = .milliseconds(10)

        /// The defaults.
        public init() {}
    }

    /// The connections that the log uses.
    public let pool: PostgresPool
    /// How the log is used.
    public let configuration: Configuration

    let names: SchemaNames
    let logger: Logger
    let signal: LogSignal
    let queue: Mutex<QueueState>
    let description = Mutex<LogDescription?>(nil)
    let densities = Mutex(TypeDensities())
    /// Whether an open append held the frontier back when it was last looked at.
    let isHeld = Atomic(false)
    /// For the work of running the log.
    let turn = Turn()
    let announcer: LogAnnouncer
    let listener: LogListener

    /// A log. Nothing happens before its first use, and nothing by itself before ``run()``; the schema must have been migrated by then (``Migrator``).
    public init(pool: PostgresPool, configuration: Configuration = Configuration(), logger: Logger) {
        self.pool = pool
        self.configuration = configuration
        self.logger = logger
        names = SchemaNames(schema: configuration.schema)
        queue = Mutex(
            QueueState(
                machine: AppendQueue(
                    maximumGroups: max(1, configuration.appendGroups), maximumEvents: configuration.groupEvents)))
        signal = LogSignal(pollInterval: configuration.pollInterval)
        let channel = LogChannel(pool: pool, names: names)
        announcer = LogAnnouncer(pool: pool, interval: configuration.notifyInterval, logger: logger) {
            try await channel.name()
        }
        listener = LogListener(pool: pool, signal: signal, logger: logger) { try await channel.name() }
    }

    /// What an append may have: as configured.
    public var limits: EventLogLimits { configuration.limits }

    /// Ids are found for ever, positions may have holes, indexes find what a reader wants, and the log counts what it holds.
    public var abilities: LogAbilities { [.eventsByID, .holes, .selectiveReading, .verbatimImport, .size] }

    /// Which log this is.
    public func identity() async throws -> UUID {
        try await describe().identity
    }

    /// What is fixed for the life of a log; read once.
    func describe() async throws -> LogDescription {
        if let known = description.withLock({ $0 }) { return known }
        let found = try await pool.withSession { [names] session in
            try LogDescription(names, in: &session)
        }
        description.withLock { $0 = found }
        return found
    }
}
