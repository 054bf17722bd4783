import Hindsight
import HindsightTestSupport
import Testing

/// A log of numbers on a server that a test may stop; it comes back by itself.
actor RestartFixture {
    private let cluster: PrivateTestCluster
    private var restarts: [Task<Void, any Error>] = []

    private init(cluster: PrivateTestCluster) {
        self.cluster = cluster
    }

    static func open(_ body: (SubscriptionFixture, RestartFixture) async throws -> Void) async throws {
        let cluster = try await PrivateTestCluster.start()
        try await SubscriptionFixture.open(conninfo: try await cluster.makeDatabase()) { numbers in
            let restarting = RestartFixture(cluster: cluster)
            try await body(numbers, restarting)
            for restart in await restarting.restarts { try await restart.value }
        }
    }

    /// Stops the server; it is started again beside what the caller does next.
    func stop(immediate: Bool) async throws {
        if immediate { try await cluster.crash() } else { try await cluster.stop() }
        let cluster = cluster
        restarts.append(Task { try await cluster.start() })
    }
}
