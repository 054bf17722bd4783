/// The settings of an engine.
public struct EngineConfiguration: Sendable {
    /// The schema of the engine's own objects in the views' database. Defaults to `hindsight`.
    public var schema = "hindsight"
    /// The schema of the views' stable names. Defaults to `public`.
    public var viewSchema = "public"
    /// The name under which this process holds leases. Defaults to the host name and process id.
    public var node = EngineConfiguration.defaultNode()
    /// Which build of the program this process runs: the same for all processes of a deployment, another one for each
    /// deployment. A build that has stopped at an event does not try it again. Defaults to when its executable was written,
    /// and its size.
    public var build = EngineConfiguration.defaultBuild()
    /// The maximum number of events in a batch while a projection catches up, 1 or more. A batch is cut at 32 MiB.
    /// Defaults to `25_000`.
    public var catchUpBatch = 25_000
    /// The maximum number of events in a batch at the head, 1 or more. Defaults to `500`.
    public var liveBatch = 500
    /// How many positions behind the head a projection catches up alone, before it joins those at the head. Defaults to
    /// `20_000`.
    public var catchUpThreshold: Int64 = 20_000
    /// How many positions behind the head a view is refilled by the fast path of a rebuild, if that is at least half of
    /// the log: a new version, one that was reset, or one that has not been kept up to date for long. Defaults to
    /// `100_000`.
    public var replayThreshold: Int64 = 100_000
    /// The memory limit for such a refill in bytes, 64 MiB or more. Defaults to 512 MiB.
    public var replayMemoryBytes = 512 << 20
    /// How long a lease outlives its last renewal. A process that hangs is replaced after this time, one that dies at
    /// once. A batch that takes longer than three times this is given up, and a single event that does stops its projection.
    /// Defaults to 10 seconds.
    public var leaseDuration: Duration = .seconds(10)
    /// How often a process renews its leases and looks for those that are free. Defaults to 250 milliseconds.
    public var leaseInterval: Duration = .milliseconds(250)
    /// How often the log is polled while an open append holds its frontier back. Defaults to 3 milliseconds.
    public var heldInterval: Duration = .milliseconds(3)
    /// How often an offset is stored that moves only past events the projection does not want. Defaults to one second.
    public var idleCommitInterval: Duration = .seconds(1)
    /// How often lags and ages are measured if the program has bootstrapped a metrics system, with a short query for each
    /// projection. Without one nothing is measured. Defaults to 5 seconds.
    public var metricsInterval: Duration = .seconds(5)

    /// The defaults.
    public init() {}
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension EngineConfiguration {
    private static func defaultNode() -> String {
        var name = [CChar](repeating: 0, count: 256)
        // A truncated name has no terminating zero; the last byte is never written.
        guard gethostname(&name, name.count - 1) == 0 else { return "pid \(getpid())" }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return "\(String(decoding: bytes, as: UTF8.self)) pid \(getpid())"
    }
}
