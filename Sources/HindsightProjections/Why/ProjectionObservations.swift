package import HindsightLog

/// What can be seen of a projection at one moment, from which its diagnosis is decided.
package struct ProjectionObservations: Sendable {
    /// What the offset store says of it.
    package struct Shard: Sendable {
        package var offset: Int64
        package var stoppedAt: Int64?
        package var error: String?
        package var owner: ProjectionDiagnosis.Owner?
        /// True while the owner is connected and has renewed its lease in time.
        package var isHeld: Bool
        /// The seconds since the offset last moved, or the projection stopped.
        package var idleSeconds: Double
        package var rate: Double

        package init(offset: Int64) {
            self.offset = offset
            isHeld = false
            idleSeconds = 0
            rate = 0
        }
    }

    package var name: String
    package var version: Int
    /// How long a lease lasts.
    package var leaseDuration: Duration
    /// The log's frontier.
    package var head: Int64 = 0
    /// Nil if no process has ever started this version.
    package var shard: Shard?
    /// Why the log is not the one that the rows were folded from; nil if it is.
    package var mismatch: String?
    /// The version that is shown.
    package var shownVersion: Int?
    /// True if the stable name shows this version, or has shown it before.
    package var wasShown = false
    /// True if its table was dropped when another version took its place.
    package var isRetired = false
    /// Who has paused it.
    package var pause: ProjectionStatus.Pause?
    /// The keys whose rows lack events.
    package var parked = ParkedCount.none
    package var lag = LogLag.none
    /// The last event that it wants at or below its offset.
    package var lastEvent: RecordedEvent?
    /// The event at which it stopped.
    package var stoppedEvent: RecordedEvent?
    /// The rebuild by which the process with its lease fills it.
    package var filling: ProjectionDiagnosis.Filling?
    /// The seconds since that last made its work durable.
    package var fillingIdleSeconds = 0.0
    /// The transactions whose locks its statements wait for.
    package var blockers: [HoldingTransaction] = []
    /// The append that holds the frontier back the furthest.
    package var holder: HoldingTransaction?
    /// Those that are in the way of showing it.
    package var readers: [HoldingTransaction] = []

    package init(name: String, version: Int, leaseDuration: Duration) {
        self.name = name
        self.version = version
        self.leaseDuration = leaseDuration
    }
}
