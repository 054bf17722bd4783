/// The options of a rebuild.
public struct RebuildOptions: Hashable, Sendable {
    /// Whether a rebuild holds itself back.
    public enum Throttle: Hashable, Sendable {
        /// As fast as it can.
        case none
        /// At most this many events per second; more than 0.
        case eventsPerSecond(Double)
        /// It yields while others append, and yields more when live projections fall behind or appends slow down.
        case automatic
    }

    /// Whether the new rows are compared with the old ones before the swap.
    public enum Verification: Hashable, Sendable {
        /// The rows are not compared.
        case none
        /// The rows are compared and the result is reported; then the new rows are swapped in.
        case compare
        /// The rows are compared, and the new ones are swapped in if no row differs. Otherwise, and if the old rows have
        /// another key, nothing is swapped in, and the new rows wait as with ``only``
        /// (``RebuildReport/Outcome/differs``). Columns that only one of the two has are no difference,
        /// those of another type are one.
        case requireEqual
        /// The rows are compared and nothing is swapped in: the next rebuild of the projection resumes from there.
        ///
        /// If a program of the previous release has left it unknown from which events the shown rows are folded,
        /// finding them equal makes it known (``ProjectionAdministration/verify(_:)``).
        case only
    }

    /// How many ranges of the log are read and decoded at once, 1 to 64. Defaults to `nil`: one more than the machine
    /// has cores, but at most 4.
    public var readers: Int?
    /// The memory limit of the whole rebuild in bytes, 64 MiB or more. Defaults to 512 MiB.
    public var memoryBytes = 512 << 20
    /// Whether the rebuild holds itself back. Defaults to running as fast as it can.
    public var throttle = Throttle.none
    /// Whether new rows are compared with old ones; only for views. Defaults to no comparison.
    public var verification = Verification.none
    /// Whether the replaced table is kept, and kept up to date, for ``ProjectionAdministration/rollBack(_:)``; only for
    /// views. Defaults to `false`.
    public var keepsOld = false
    /// Whether the replaced table is kept if it belongs to another version; for the engine, which fills a new version
    /// beside it.
    package var keepsOlderVersion = false
    /// Whether an engine started the rebuild to fill a projection that is far behind, rather than someone who expects
    /// to resume it.
    package var isOfEngine = false
    /// Whether a version may replace a newer one that is shown, which is dropped unless it is kept. Defaults to
    /// `false`: an old process that runs beside new ones leaves their version alone.
    public var replacesNewer = false
    /// Whether the new rows may be swapped in with more keys parked than the shown rows have. Defaults to `false`: the new rows then
    /// wait, and the next rebuild resumes from there.
    public var allowsMoreParked = false
    /// Whether the work of an unfinished rebuild is discarded. Defaults to `false`: the rebuild resumes from its last
    /// checkpoint.
    public var restarts = false
    /// The minimum time between two checkpoints; if checkpoints are slow, ten times as long as one takes. Defaults to 5
    /// seconds.
    public var checkpointInterval: Duration = .seconds(5)

    /// The defaults.
    public init() {}
}
