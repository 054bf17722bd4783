/// Whether a projection gets on, as a monitor wants to know it.
public struct ProjectionHealth: Hashable, Sendable {
    /// A monitor's verdict.
    public enum Grade: Int, Hashable, Sendable, CaseIterable, Comparable {
        /// It gets on, or has nothing to do.
        case ok
        /// Somebody should look at it.
        case warning
        /// It does not get on, and will not by itself.
        case critical

        /// From `ok` to `critical`.
        public static func < (left: Grade, right: Grade) -> Bool { left.rawValue < right.rawValue }
    }

    /// After how long a standstill is worth a warning, and when it is critical.
    public struct Limits: Hashable, Sendable {
        /// Defaults to 60 seconds.
        public var warning: Duration
        /// Defaults to 5 minutes.
        public var critical: Duration

        /// Limits.
        public init(warning: Duration = .seconds(60), critical: Duration = .seconds(300)) {
            self.warning = warning
            self.critical = critical
        }
    }

    /// The verdict.
    public var grade: Grade
    /// For how many seconds it has not got on although there was something to do; 0 if it has nothing to do.
    public var stalledSeconds: Double
    /// What it waits for, with a sentence, evidence and a remedy.
    public var diagnosis: ProjectionDiagnosis
}
