/// How projections are rebuilt.
public struct RebuildOptions: Hashable, Sendable {
    /// Whether a rebuild holds itself back.
    public enum Throttle: Hashable, Sendable {
        /// As fast as it can.
        case none
        /// At most so many events a second; more than 0.
        case eventsPerSecond(Double)
        /// It yields while others append, and more when live projections fall behind or appends slow down.
        case automatic
    }

    /// Whether the new rows are compared with the old ones before the swap.
    public enum Verification: Hashable, Sendable {
        /// They are not.
        case none
        /// They are, and the result is reported; then the new rows are swapped in.
        case compare
        /// They are, and nothing is swapped in: the next rebuild of the projection goes on from there.
        ///
        /// Where a program of the release before has left unknown which events the shown rows are folded from, that they are equal
        /// makes it known (``ProjectionAdministration/verify(_:)``).
        case only
    }

    /// How many ranges of the log are read and decoded at once. 1 to 64; nil, the default, for one more than the machine has
    /// cores, 4 at most.
    public var readers: Int?
    /// How much memory the whole rebuild may take, in bytes. 64 MiB or more; defaults to 512 MiB.
    public var memoryBytes = 512 << 20
    /// Whether it holds itself back. Defaults to as fast as it can.
    public var throttle = Throttle.none
    /// Whether new rows are compared with old ones; for views. Defaults to not.
    public var verification = Verification.none
    /// Whether what is replaced is kept and kept up to date, for ``ProjectionAdministration/rollBack(_:)``; for views. Defaults to
    /// not.
    public var keepsOld = false
    /// Whether what is replaced is kept if it is of another version; for the engine, which fills a new version beside it.
    package var keepsOlderVersion = false
    /// Whether an engine fills what is far behind, and nobody has asked for a rebuild that waits to be resumed.
    package var isOfEngine = false
    /// Whether a version may take the place of a newer one that is shown, which is dropped unless it is kept. Defaults to not: an
    /// old process that runs beside new ones leaves their version alone.
    public var replacesNewer = false
    /// Whether what an unfinished rebuild has done is given up. Defaults to going on from its last checkpoint.
    public var restarts = false
    /// The least time between two checkpoints. Defaults to 5 seconds; where a checkpoint takes longer, ten times what it takes.
    public var checkpointInterval: Duration = .seconds(5)

    /// The defaults.
    public init() {}
}
