extension NATSTestCluster {
    /// What a server's monitoring says of the streams.
    private struct Streams: Decodable {
        struct Group: Decodable {
            struct Replica: Decodable {
                let name: String
                let current: Bool
                let offline: Bool?
            }
            let leader: String?
            let replicas: [Replica]?
            let cluster_size: Int?

            /// Whether all servers take part in it.
            var isComplete: Bool {
                replicas?.count == 2 && replicas!.allSatisfy { $0.current && $0.offline != true }
            }
        }
        struct Account: Decodable { let stream_detail: [Stream]? }
        struct Stream: Decodable {
            let name: String
            let cluster: Group?
            let consumer_detail: [Consumer]?
        }
        struct Consumer: Decodable {
            let name: String
            let cluster: Group?
        }
        let meta_cluster: Group?
        let account_details: [Account]?
    }

    /// Waits until one of the servers leads the cluster, and all three are there: streams can be made then.
    ///
    /// - Returns: The leader.
    @discardableResult package func waitForMetaLeader(within limit: Duration = .seconds(60)) async throws
        -> NATSTestServer
    {
        try await wait("the cluster has no leader that sees all of its servers", limit) { views in
            let leaders = Set(views.map { $0?.meta_cluster?.leader })
            guard leaders.count == 1, let leader = leaders.first, let name = leader,
                let index = servers.indices.first(where: { "n\($0 + 1)" == name }),
                views[index]?.meta_cluster?.isComplete == true
            else { return nil }
            return servers[index]
        }
    }

    /// The leader of a stream, or of one of its consumers, as most of the servers see it; nil if they see none.
    ///
    /// A server that is cut off can take itself for the leader for a while.
    package func leader(ofStream stream: String, consumer: String? = nil) async throws -> NATSTestServer? {
        leader(ofStream: stream, consumer: consumer, try await views())
    }

    /// Waits for the leader of a stream, or of one of its consumers. It may take a moment more before it answers.
    ///
    /// - Parameter other: A server that it must not be, such as the one that has just been cut off.
    package func waitForLeader(
        ofStream stream: String, consumer: String? = nil, otherThan other: NATSTestServer? = nil,
        within limit: Duration = .seconds(60)
    ) async throws -> NATSTestServer {
        try await wait("the stream \(stream) has no other leader", limit) { views in
            guard let found = leader(ofStream: stream, consumer: consumer, views), found !== other else { return nil }
            return found
        }
    }

    /// Waits until a stream has a leader and all its copies are up to date.
    package func waitUntilCurrent(stream: String, within limit: Duration = .seconds(60)) async throws {
        _ = try await wait("not all copies of the stream \(stream) are up to date", limit) { views in
            guard let leader = leader(ofStream: stream, consumer: nil, views),
                let index = servers.firstIndex(where: { $0 === leader })
            else { return nil as Bool? }
            return group(ofStream: stream, consumer: nil, views[index])?.isComplete == true ? true : nil
        }
    }

    private func leader(ofStream stream: String, consumer: String?, _ views: [Streams?]) -> NATSTestServer? {
        let names = views.compactMap { group(ofStream: stream, consumer: consumer, $0)?.leader }
        return servers.enumerated().first { index, _ in names.count { $0 == "n\(index + 1)" } >= 2 }?.element
    }

    private func group(ofStream stream: String, consumer: String?, _ view: Streams?) -> Streams.Group? {
        let found = view?.account_details?.lazy.compactMap { $0.stream_detail?.first { $0.name == stream } }.first
        guard let consumer else { return found?.cluster }
        return found?.consumer_detail?.first { $0.name == consumer }?.cluster
    }

    /// What each server says; nil for one that does not answer.
    private func views() async throws -> [Streams?] {
        var views: [Streams?] = []
        for server in servers {
            // A server that is killed or suspended has no view.
            views.append(
                await server.isRunning
                    ? try? await server.monitor("/jsz?streams=true&consumers=true", within: .seconds(1)) : nil)
            try Task.checkCancellation()
        }
        return views
    }

    private func wait<Value>(
        _ failure: String, _ limit: Duration, _ find: ([Streams?]) -> Value?
    ) async throws -> Value {
        let deadline = ContinuousClock.now + limit
        while true {
            if let found = find(try await views()) { return found }
            if ContinuousClock.now >= deadline {
                let logs = servers.map { "\($0.url)\n\($0.logTail)" }.joined(separator: "\n")
                throw NATSTestServerError("\(failure) within \(limit)", log: logs)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
