/// What keeps a projection from being started or applied.
public struct ProjectionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of a ``ProjectionError``.
    public struct Code: Hashable, Sendable {
        private let name: String
        private init(_ name: String) { self.name = name }

        /// The declared shape differs from the one with which the version was created.
        public static let shapeChanged = Code("shapeChanged")
        /// The table in the database is not as declared.
        public static let tableChanged = Code("tableChanged")
        /// A name or version is invalid, or declared twice.
        public static let invalidDefinition = Code("invalidDefinition")
        /// The stable name belongs to something that is not a view of the engine.
        public static let nameTaken = Code("nameTaken")
        /// A fold left a row with a key other than the one it was given.
        public static let keyMismatch = Code("keyMismatch")
        /// There is no projection with that name.
        public static let unknownProjection = Code("unknownProjection")
        /// The projection's rows were folded from another log.
        public static let otherLog = Code("otherLog")
        /// A rebuild did not apply exactly the events that the log holds.
        public static let notProven = Code("notProven")
        /// A projection cannot be rebuilt as requested, or there is nothing to roll back to.
        public static let cannotRebuild = Code("cannotRebuild")
        /// A statement that makes a projection's own tables failed.
        public static let setUpFailed = Code("setUpFailed")
        /// A row cannot be explained as requested.
        public static let cannotExplain = Code("cannotExplain")
        /// A process is at work on a rebuild that cannot be cancelled before it ends.
        public static let rebuildRunning = Code("rebuildRunning")
        /// The version that a program declares was replaced by another one.
        public static let versionReplaced = Code("versionReplaced")
        /// As many keys are parked as the projection allows.
        public static let tooManyParked = Code("tooManyParked")
        /// A swap would show more parked keys than are shown now.
        public static let moreParked = Code("moreParked")
        /// A parked key cannot be retried.
        public static let cannotRetry = Code("cannotRetry")
        /// Projections cannot go on over another log.
        public static let cannotMove = Code("cannotMove")
        /// Projections stopped at an event before they had caught up.
        public static let stopped = Code("stopped")
    }

    /// What is wrong.
    public var code: Code
    /// What is wrong, and what to do about it.
    public var description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
