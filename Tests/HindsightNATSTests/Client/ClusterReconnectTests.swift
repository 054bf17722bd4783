#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Connecting again within a cluster", .timeLimit(.minutes(3)))
    struct ClusterReconnectTests {
        @Test("13.25: servers that are told of are used when the first one is gone")
        func discoveredServers() async throws {
            try await withNATSCluster { cluster in
                let first = cluster.servers[0]
                try await withClient(of: first.url) { client in
                    let subscription = try client.subscribe(to: "a")
                    try await client.flush()
                    // It is told of them with the greeting, or when they have come.
                    let events = client.events
                    await first.kill()
                    for await event in events { if case .connected = event { break } }
                    try await client.publish("1".utf8, to: "a")
                    try await client.flush()
                    #expect(subscription.pending.messages == 1)
                    #expect(client.serverInfo?.cluster != nil)
                    let others = try await cluster.servers[1].clients() + cluster.servers[2].clients()
                    #expect(!others.isEmpty)
                }
            }
        }
    }
#endif
