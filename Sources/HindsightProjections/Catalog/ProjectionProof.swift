public import HindsightLog

/// The result of comparing the events that a projection has applied with those in the log.
public struct ProjectionProof: Hashable, Sendable {
    /// The outcome of the comparison.
    public enum Verdict: Hashable, Sendable {
        /// It has applied exactly the events that the log holds, each once.
        case proven
        /// It has applied other events, or some of them not exactly once; the log holds these. Its rows cannot be
        /// trusted: rebuild it.
        case differs(expected: LogChecksum)
        /// The comparison was not possible, for this reason.
        case unknown(Reason)
    }

    /// Why the comparison was not possible.
    public enum Reason: Hashable, Sendable {
        /// A program of the previous release has moved it; that release counts events but does not record which. A
        /// rebuild repairs this, and so does one that only compares and finds the rows equal
        /// (``RebuildOptions/Verification/only``).
        case movedByEarlierRelease
        /// This program does not declare the version that is shown, so the events that it wants are unknown.
        case notDeclared
        /// No engine has ever run it.
        case notStarted
    }

    /// The projection's name.
    public var name: String
    /// The version that is shown.
    public var version: Int
    /// The position up to which it has been applied.
    public var offset: Int64
    /// How many events it has applied, by its own count.
    public var eventsApplied: Int64
    /// The keys whose rows lack some of these events.
    public var parked = ParkedCount.none
    /// The outcome.
    public var verdict: Verdict
}
