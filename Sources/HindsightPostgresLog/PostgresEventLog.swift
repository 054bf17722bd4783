public import HindsightLog
import HindsightMigrations
public import HindsightPostgres
import HindsightSchema
public import Logging
import Synchronization

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The event log in a PostgreSQL database.
///
/// ```swift
/// let log = PostgresEventLog(pool: pool, logger: logger)
/// try await withRunning(log) { log in
///     try await log.append(events.encode(OrderPlaced(customer: "Ada", total: 20)), to: "order-1")
/// }
/// ```
///
/// ## Appending
/// Concurrent appends, each of one or a few events to one stream, are committed together; each caller gets its own
/// result or conflict. Appends to different streams never wait for one another.
///
/// ## Reading
/// A reader sees events in the order of their positions, and no event ever appears behind it: the article "The frontier
/// and its proof" explains how.
///
/// ## Running
/// The log is a `Service`: add it to a server's service group, before the services that use it, or wrap a command's
/// work in ``withRunning(_:_:)``. Nothing starts before that. A log that is not running still appends and reads, but
/// its readers find the appends of other processes only at their poll interval, and other processes are notified of its
/// own appends only by ``flush()``.
public final class PostgresEventLog: EventLog {
    /// The settings of a log.
    public struct Configuration: Sendable {
        /// The schema of the log's objects. Several logs fit in one database. Defaults to `hindsight`.
        public var schema = "hindsight"
        /// The limits on the size of an append.
        public var limits = EventLogLimits()
        /// How many groups of concurrent appends may run at once, each on its own connection, 1 or more. Defaults to
        /// `2`.
        public var appendGroups = 2
        /// The maximum number of events in a group. Defaults to `256`.
        public var groupEvents = 256
        /// How often a reader polls for events without a notification. Defaults to one second.
        public var pollInterval: Duration = .seconds(1)
        /// The minimum time between two notifications to other processes. A process that also reads the log sends the
        /// first one two milliseconds late, so that its own readers come first. Defaults to 10 milliseconds.
        public var notifyInterval: Duration = .milliseconds(10)

        /// The defaults.
        public init() {}
    }

    /// The connections that the log uses.
    public let pool: PostgresPool
    /// The log's settings.
    public let configuration: Configuration

    let names: SchemaNames
    let logger: Logger
    let signal: LogSignal
    let queue: Mutex<QueueState>
    let description = Mutex<LogDescription?>(nil)
    let densities = Mutex(TypeDensities())
    let blockMargin = Mutex(BlockMargin())
    /// Whether an open append held the frontier back at the last look.
    let isHeld = Atomic(false)
    /// Serializes the work of running the log.
    let turn = Turn()
    let announcer: LogAnnouncer
    let listener: LogListener

    /// Creates a log. Nothing happens before its first use, and nothing in the background before ``run()``; the schema
    /// must be there by then (``prepare()``).
    public init(pool: PostgresPool, configuration: Configuration = Configuration(), logger: Logger) {
        self.pool = pool
        self.configuration = configuration
        self.logger = logger
        names = SchemaNames(schema: configuration.schema)
        queue = Mutex(
            QueueState(
                machine: AppendQueue(
                    maximumGroups: max(1, configuration.appendGroups),
                    // Each append of a group has a stream of its own: a larger group would be refused as a whole.
                    maximumEvents: min(
                        configuration.groupEvents, configuration.limits.batchStreams, configuration.limits.batchEvents),
                    maximumBytes: configuration.limits.batchBytes)))
        signal = LogSignal(pollInterval: configuration.pollInterval)
        let channel = LogChannel(pool: pool, names: names)
        announcer = LogAnnouncer(pool: pool, interval: configuration.notifyInterval, logger: logger) {
            try await channel.name()
        }
        listener = LogListener(pool: pool, signal: signal, logger: logger) { try await channel.name() }
    }

    /// The limits of an append, as configured.
    public var limits: EventLogLimits { configuration.limits }

    /// Ids are found forever, positions may have holes, indexes find wanted events, and the log counts its events.
    public var abilities: LogAbilities { [.eventsByID, .holes, .selectiveReading, .verbatimImport, .size] }

    /// The log's identity.
    public func identity() async throws -> UUID {
        try await describe().identity
    }

    /// Migrates the log's part of the schema, if it is missing or older (``Migrator``), and raises the limits that the database has for
    /// all who append to this log's, if they are lower.
    ///
    /// That takes the role that owns the schema; another one gets a warning in the log that says what is lower, and so does this one while
    /// somebody else is setting a limit, for which it does not wait. A limit is never lowered, so that of several programs the highest counts;
    /// and one that was set below its default stays as it was set.
    public func prepare() async throws {
        let migrator = Migrator(pool: pool, schema: configuration.schema, parts: [.log], logger: logger)
        let (_, lower) = try await migrator.migrate { [names, limits] session in
            try DatabaseLimits.raise(to: limits, names, in: &session)
        }
        for (name, limit, wanted) in lower {
            logger.warning(
                "the database refuses appends that this program would send: have the schema's owner call set_append_limit(), or lower the program's limits",
                metadata: [
                    "schema.name": "\(configuration.schema)", "limit.name": "\(name)", "limit.database": "\(limit)",
                    "limit.program": "\(wanted)",
                ])
        }
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
