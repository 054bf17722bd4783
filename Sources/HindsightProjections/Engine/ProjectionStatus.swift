public import HindsightValues

/// The status of a projection, according to its offset and the log.
public struct ProjectionStatus: Hashable, Sendable {
    /// What a projection is doing.
    public enum State: String, Hashable, Sendable {
        /// No process has started it yet.
        case new
        /// No process works on it at the moment.
        case idle
        /// A process works on it, and there are events to apply.
        case catchingUp = "catching up"
        /// A process refills its view beside the one that is shown. Offset and event count are those of the new rows.
        case rebuilding
        /// A process works on it, and everything is applied.
        case live
        /// An event could not be applied; ``ProjectionStatus/error`` says which and why.
        case stopped
        /// Somebody has paused it; ``ProjectionStatus/pause`` says who. The process that works on it, if there is one, is about to
        /// give it up.
        case paused
    }

    /// Why nobody works on a projection until it is resumed.
    public struct Pause: Hashable, Sendable {
        /// When it was paused.
        public var since: Timestamp
        /// The database role that paused it.
        public var role: String
        /// What was given as the reason.
        public var reason: String?

        package init(since: Timestamp, role: String, reason: String?) {
            self.since = since
            self.role = role
            self.reason = reason
        }

        /// Who paused it, since when, and why.
        public var description: String {
            "paused by \(role) at \(since)" + (reason.map { ": \($0)" } ?? "")
        }
    }

    /// The projection's name.
    public var name: String
    /// The version of the projection.
    public var version: Int
    /// What it is doing.
    public var state: State
    /// The position up to which it has been applied.
    public var offset: Int64
    /// The log's frontier.
    public var head: Int64
    /// How many events it has yet to apply; if ``lagIsExact`` is false, there are more than this.
    public var lagEvents: Int64
    /// False where counting stopped at ``LogLag/defaultLimit``.
    public var lagIsExact = true
    /// How many seconds ago the oldest event that it has yet to apply was recorded; 0 if there is none.
    public var lagSeconds: Double
    /// How many events it has applied.
    public var eventsApplied: Int64
    /// The events per second that it has applied recently.
    public var rate: Double
    /// The keys whose rows lack events.
    public var parked = ParkedCount.none
    /// The process that works on it.
    public var node: String?
    /// The position and reason of the event that stopped it, or what currently keeps it from continuing.
    public var error: String?
    /// Who has paused it, if it is paused. One that has stopped as well is shown as stopped.
    public var pause: Pause?
}
