/// What ``ProjectionAdministration/resume(_:)`` has ended.
public struct ProjectionResumption: Hashable, Sendable {
    /// True if the projection had stopped, at an event or before the first one.
    public var wasStopped: Bool
    /// True if somebody had paused it.
    public var wasPaused: Bool

    /// True if there was something to end.
    public var hasResumed: Bool { wasStopped || wasPaused }
}
