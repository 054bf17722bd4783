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
    let signal = LogSignal()
    let queue: Mutex<QueueState>
    let description = Mutex<LogDescription?>(nil)
    let densities = Mutex(TypeDensities())
    /// Whether an open append held the frontier back when it was last looked at.
    let isHeld = Atomic(false)
    /// On two cores a notification that is sent at once makes an event visible 0.4 ms later in this process.
    private static let announcementPause: Duration = .milliseconds(2)
    private let knownChannel = Mutex<String?>(nil)
    let announcer: LogAnnouncer
    let listener: LogListener

    /// A log. Nothing happens before its first use; the schema must have been migrated by then (``Migrator``).
    public init(pool: PostgresPool, configuration: Configuration = Configuration(), logger: Logger) {
        self.pool = pool
        self.configuration = configuration
        self.logger = logger
        names = SchemaNames(schema: configuration.schema)
        queue = Mutex(
            QueueState(
                machine: AppendQueue(
                    maximumGroups: max(1, configuration.appendGroups), maximumEvents: configuration.groupEvents)))
        announcer = LogAnnouncer(pool: pool, interval: configuration.notifyInterval, logger: logger)
        listener = LogListener(
            pool: pool, signal: signal, pollInterval: configuration.pollInterval, logger: logger)
    }

    /// Which log this is.
    public func identity() async throws -> UUID {
        try await describe().identity
    }

    /// Wakes the readers of this process now, and those of others soon.
    ///
    /// Appends of this object do so by themselves. It is for events that were appended in a transaction of your own, after its
    /// commit; without it readers find them at their next poll.
    public func announce() async {
        signal.notify()
        if let channel = try? await channel() {  // where nobody can be told, readers poll
            announcer.announce(on: channel, after: listener.isInUse ? Self.announcementPause : .zero)
        }
    }

    /// Tells other processes now of what was appended before, and returns when the server has it.
    ///
    /// Appends and ``announce()`` tell them soon, in the background. A process that ends or closes the pool before that leaves
    /// the readers of others to their next poll, so it calls this first. Where nothing is left to tell it does nothing.
    public func flushAnnouncements() async {
        guard let channel = knownChannel.withLock({ $0 }) else { return }
        await announcer.flush(on: channel)
    }

    /// Wakes readers when there may be something new.
    public func changes() -> LogChanges {
        listener.retain { [self] in try await channel() }
        return LogChanges(signal: signal) { [listener] in listener.release() }
    }

    /// The channel on which appends are announced; a role that may only append can ask for it, too.
    private func channel() async throws -> String {
        if let known = knownChannel.withLock({ $0 }) { return known }
        let found = try await pool.withSession { [names] session in
            try session.query("select \(identifier: names.logClass)()")[0].decode(0, as: Int32.self)
        }
        let channel = "hindsight_\(found)"
        knownChannel.withLock { $0 = channel }
        return channel
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
