/// The progress of a rebuild, as visible to any process.
public struct RebuildStatus: Hashable, Sendable {
    /// The projection's name.
    public var name: String
    /// The version that is being rebuilt.
    public var version: Int
    /// What it is doing.
    public var phase: RebuildPhase
    /// The position up to which the log is read and folded.
    public var reached: Int64
    /// The position that it reads to before it catches up.
    public var goal: Int64
    /// The position from which it would resume if it were interrupted now.
    public var checkpoint: Int64
    /// How many events it has applied, up to the checkpoint.
    public var eventsApplied: Int64
    /// The approximate number of rows it has made.
    public var rows: Int64
    /// The recent rate in events per second; 0 while no process works on it.
    public var rate: Double
    /// The seconds since it began.
    public var seconds: Double
    /// The process that works on it; nil if it waits to be continued.
    public var node: String?
    /// The seconds since a process last worked on it.
    public var idleSeconds: Double
    /// The position and reason of the event that stopped it.
    public var error: String?

    package init(
        name: String, version: Int, phase: RebuildPhase, reached: Int64, goal: Int64, checkpoint: Int64,
        eventsApplied: Int64, rows: Int64, rate: Double, seconds: Double, node: String?, idleSeconds: Double,
        error: String?
    ) {
        self.name = name
        self.version = version
        self.phase = phase
        self.reached = reached
        self.goal = goal
        self.checkpoint = checkpoint
        self.eventsApplied = eventsApplied
        self.rows = rows
        self.rate = rate
        self.seconds = seconds
        self.node = node
        self.idleSeconds = idleSeconds
        self.error = error
    }

    /// True if no process works on it, and it neither stopped at an event nor waits to be swapped in: its process was
    /// killed or interrupted. It can be resumed or given up (``ProjectionAdministration/cancelRebuild(of:)``).
    public var isAbandoned: Bool { node == nil && error == nil && phase != .verified }

    /// The fraction of the log that is read, 0 to 1.
    public var fraction: Double {
        goal > 0 ? min(1, Double(reached) / Double(goal)) : 1
    }
}
