public import HindsightLog

/// How a durable subscription is doing, as far as the database tells.
public struct SubscriptionStatus: Hashable, Sendable {
    /// Whether somebody reads it, and whether events wait.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// A process reads it, and it has handled every event that it wants.
        case live
        /// A process reads it, and events wait.
        case behind
        /// The process that reads it is connected and has not renewed its lease in time.
        case hanging
        /// No process reads it.
        case unread
        /// Its offset does not belong to this log.
        case mismatched
    }

    /// Its durable name.
    public var name: String
    /// Whether somebody reads it.
    public var state: State
    /// The process that has the lease of its name, or had it and has not given it back.
    public var owner: ProjectionDiagnosis.Owner?
    /// Which events it wants; nil if only programs of a release before have read it, which did not say.
    public var filter: EventFilter?
    /// The position of the last event up to which all that it wants are handled.
    public var offset: Int64
    /// The highest position of the log that can be read.
    public var head: Int64
    /// How many events it has handled up to there.
    public var handled: Int64
    /// How many it has handled beyond that, with several keys in flight.
    public var handledBeyond: Int64
    /// How many events it has yet to handle, and for how many seconds the oldest has waited; without a ``filter`` no more than this. A
    /// subscription that starts at a time also counts events that were recorded before it, until it has handled one.
    public var lag: LogLag
    /// The seconds since its offset last moved.
    public var idleSeconds: Double
    /// Why the log is not the one that its events came from; nil if it is.
    public var mismatch: String?

    package init(
        name: String, state: State, owner: ProjectionDiagnosis.Owner? = nil, filter: EventFilter?, offset: Int64,
        head: Int64, handled: Int64, handledBeyond: Int64 = 0, lag: LogLag = .none, idleSeconds: Double
    ) {
        self.name = name
        self.state = state
        self.owner = owner
        self.filter = filter
        self.offset = offset
        self.head = head
        self.handled = handled
        self.handledBeyond = handledBeyond
        self.lag = lag
        self.idleSeconds = idleSeconds
    }
}
