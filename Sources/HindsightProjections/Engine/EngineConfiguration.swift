/// How an engine works.
public struct EngineConfiguration: Sendable {
    /// The schema of the engine's own objects in the views' database. Defaults to `hindsight`.
    public var schema = "hindsight"
    /// The schema of the views' stable names. Defaults to `public`.
    public var viewSchema = "public"
    /// What this process is called where it holds a lease. Defaults to host and process id.
    public var node = EngineConfiguration.defaultNode()
    /// How many events a batch has while a projection catches up. 1 or more; defaults to 25,000.
    /// A batch of more than 32 MiB is cut.
    public var catchUpBatch = 25_000
    /// How many events a batch has at the head. 1 or more; defaults to 500.
    public var liveBatch = 500
    /// How far behind the head a projection catches up by itself, before it joins those at the head. Defaults to 20,000
    /// positions.
    public var catchUpThreshold: Int64 = 20_000
    /// How far behind the head a view is filled anew by the fast path of a rebuild, if that is at least half of the log: a new
    /// version, one that was reset, or one that nobody has kept up to date for long. Defaults to 100,000 positions.
    public var replayThreshold: Int64 = 100_000
    /// How much memory that may take, in bytes. 64 MiB or more; defaults to 512 MiB.
    public var replayMemoryBytes = 512 << 20
    /// How long a lease outlives its last renewal. A process that hangs is replaced after that; one that dies at once.
    /// Defaults to 10 seconds.
    public var leaseDuration: Duration = .seconds(10)
    /// How often a process looks for leases that it could take. Defaults to 250 milliseconds.
    public var leaseInterval: Duration = .milliseconds(250)
    /// How often the log is looked at again while an open append holds its frontier back. Defaults to 3 milliseconds.
    public var heldInterval: Duration = .milliseconds(3)
    /// How often an offset is stored that moved only because there was nothing to apply. Defaults to one second.
    public var idleCommitInterval: Duration = .seconds(1)

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
        // A name that was cut short ends without a zero; the last byte is never written.
        guard gethostname(&name, name.count - 1) == 0 else { return "pid \(getpid())" }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return "\(String(decoding: bytes, as: UTF8.self)) pid \(getpid())"
    }
}
