#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Runs `body` with a cluster of its own, which is killed and removed afterwards whatever happens.
///
/// If `body` throws, the ends of the servers' logs go to the standard error stream.
package func withNATSCluster<Value>(
    _ options: NATSServerOptions = .jetStream, isPartable: Bool = false,
    _ body: (NATSTestCluster) async throws -> Value
) async throws -> Value {
    let cluster = try await NATSTestCluster.start(options, isPartable: isPartable)
    do {
        let value = try await body(cluster)
        await cluster.remove()
        return value
    } catch {
        let logs = cluster.servers.map { "\($0.url):\n\($0.logTail)\n" }.joined()
        // A report that nobody can read is no second failure.
        _ = try? FileDescriptor.standardError.writeAll(
            "nats-servers of a cluster, whose test has failed with \(error)\n\(logs)".utf8)
        await cluster.remove()
        throw error
    }
}

extension NATSTestCluster {
    /// The cluster that all tests of one process share, started when the first one asks for it.
    ///
    /// Tests use subjects and streams with names of their own, and stop none of its servers.
    package static func shared() async throws -> NATSTestCluster { try await SharedNATSCluster.shared.cluster() }
}

/// Starts the shared cluster once.
private actor SharedNATSCluster {
    static let shared = SharedNATSCluster()

    private var starting: Task<NATSTestCluster, any Error>?

    func cluster() async throws -> NATSTestCluster {
        // A task of its own: the time limit of the test that asks first must not end the start that the others await.
        let task = starting ?? Task { try await NATSTestCluster.start() }
        starting = task
        return try await task.value
    }
}
