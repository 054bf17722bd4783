/// How far a rebuild has come, as any process can see it.
public struct RebuildStatus: Hashable, Sendable {
    /// The projection's name.
    public var name: String
    /// The version that is rebuilt.
    public var version: Int
    /// What it is doing.
    public var phase: RebuildPhase
    /// The position up to which the log is read and folded.
    public var reached: Int64
    /// The position that it reads to before it catches up.
    public var goal: Int64
    /// The position from which it goes on if it is interrupted now.
    public var checkpoint: Int64
    /// How many events it has applied, up to the checkpoint.
    public var eventsApplied: Int64
    /// How many rows it has made, about.
    public var rows: Int64
    /// Events a second of late; 0 when nobody works on it.
    public var rate: Double
    /// Seconds since it was begun.
    public var seconds: Double
    /// The process that works on it; nil if it waits to be continued.
    public var node: String?
    /// The position and reason of the event that stopped it.
    public var error: String?

    /// How much of the log is read, 0 to 1.
    public var fraction: Double {
        goal > 0 ? min(1, Double(reached) / Double(goal)) : 1
    }
}
