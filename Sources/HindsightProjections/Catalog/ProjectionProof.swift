public import HindsightLog

/// What came of holding against the log which events a projection has applied.
public struct ProjectionProof: Hashable, Sendable {
    /// What can be said.
    public enum Verdict: Hashable, Sendable {
        /// It has applied exactly the events that the log holds, each once.
        case proven
        /// It has applied others, or not each once: the log holds these. Its rows are not to be trusted; rebuild it.
        case differs(expected: LogChecksum)
        /// Nothing can be said, for this reason.
        case unknown(Reason)
    }

    /// Why nothing can be said.
    public enum Reason: Hashable, Sendable {
        /// A program of the release before has moved it, which counts events but does not note which they are. A rebuild mends
        /// that, or one that only compares and finds the rows equal (``RebuildOptions/Verification/only``).
        case movedByEarlierRelease
        /// The version that is shown is not one that this program declares, so that nobody knows which events it wants.
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
    /// How many events it has applied, as it has counted them.
    public var eventsApplied: Int64
    /// What came of it.
    public var verdict: Verdict
}
