/// Three real NATS servers that keep streams together, of which a test may kill, suspend or cut off single ones.
///
/// Each of ``servers`` can be used as one alone: `kill()`, `start()`, `suspend()` and so on.
package final class NATSTestCluster: Sendable {
    /// The servers, named `n1`, `n2` and `n3`.
    package let servers: [NATSTestServer]
    /// The ways between them; none if the cluster cannot be parted. The proxy at `[i][j]` leads from server i to server j.
    private let ways: [[TCPProxy?]]

    /// The addresses for clients.
    package var urls: [String] { servers.map(\.url) }

    private init(_ servers: [NATSTestServer], ways: [[TCPProxy?]]) {
        self.servers = servers
        self.ways = ways
    }

    /// Starts a cluster and waits until it can make streams.
    ///
    /// - Parameters:
    ///   - options: Those of each server, except for the name. They keep streams whether it is set here or not.
    ///   - isPartable: Whether ``cutOff(_:)`` is possible. The servers and their clients are then not told of the others'
    ///     addresses, so that nobody goes round the proxies. Defaults to false.
    package static func start(
        _ options: NATSServerOptions = .jetStream, isPartable: Bool = false
    ) async throws -> NATSTestCluster {
        while true {
            let cluster = try await make(options, isPartable: isPartable)
            do {
                try await cluster.startAll()
                try await cluster.waitForMetaLeader()
                return cluster
            } catch let error as NATSTestServerError where error.isPortTaken {
                await cluster.remove()
            } catch {
                await cluster.remove()
                throw error
            }
        }
    }

    private static let indices = 0..<3

    private static func make(_ options: NATSServerOptions, isPartable: Bool) async throws -> NATSTestCluster {
        let ports = try indices.map { _ in try NATSServerPorts.draw() }
        let ways: [[TCPProxy?]] = try indices.map { from in
            try indices.map { to in isPartable && from != to ? try TCPProxy(to: ports[to].cluster) : nil }
        }
        var servers: [NATSTestServer] = []
        for index in indices {
            var options = options
            options.name = "n\(index + 1)"
            options.jetStream = options.jetStream ?? NATSServerJetStream()
            options.cluster = NATSServerCluster(
                name: "test",
                routes: indices.filter { $0 != index }.map { ways[index][$0]?.port ?? ports[$0].cluster },
                isAdvertised: !isPartable)
            servers.append(try await .make(options, ports: ports[index]))
        }
        return NATSTestCluster(servers, ways: ways)
    }

    private func startAll() async throws {
        try await withThrowingTaskGroup { group in
            for server in servers {
                group.addTask { try await server.start() }
            }
            try await group.waitForAll()
        }
    }

    /// Cuts the connections between a server and the two others, and lets no new ones through, until ``mend()``. Clients still
    /// reach all three.
    ///
    /// - Parameter silently: Whether the servers hear nothing of it, as if a cable was pulled. Defaults to connections that end.
    package func cutOff(_ server: NATSTestServer, silently: Bool = false) {
        guard let index = servers.firstIndex(where: { $0 === server }) else {
            preconditionFailure("the server is of another cluster")
        }
        precondition(ways.joined().contains { $0 != nil }, "start the cluster with isPartable")
        for proxy in ways[index] + ways.map({ $0[index] }) {
            if silently { proxy?.silence() } else { proxy?.refuse() }
        }
    }

    /// Lets the servers reach each other again.
    package func mend() {
        for proxy in ways.joined() { proxy?.mend() }
    }

    /// Kills the servers and removes their folders.
    package func remove() async {
        for server in servers { await server.remove() }
        for proxy in ways.joined() { await proxy?.stop() }
    }
}
