#if NATS
    import HindsightTestSupport
    import Testing

    @Suite("A cluster of NATS servers for tests", .timeLimit(.minutes(5)))
    struct NATSTestClusterTests {
        private static let stream = #"{"name":"S","subjects":["s.*"],"num_replicas":3}"#

        @Test func keepsAStreamWhenItsLeaderIsKilled() async throws {
            try await withNATSCluster { cluster in
                try await make(in: cluster)
                let leader = try #require(try await cluster.leader(ofStream: "S"))
                await leader.kill()
                let next = try await cluster.waitForLeader(ofStream: "S", otherThan: leader)
                let client = try await next.connectByHand()
                #expect(try await client.request("$JS.API.STREAM.INFO.S", "").contains(#""messages":1"#))
                try await leader.start()
                try await cluster.waitUntilCurrent(stream: "S")
            }
        }

        @Test(arguments: [true, false])
        func goesOnWithoutALeaderThatIsCutOff(silently: Bool) async throws {
            try await withNATSCluster(isPartable: true) { cluster in
                try await make(in: cluster)
                let leader = try #require(try await cluster.leader(ofStream: "S"))
                cluster.cutOff(leader, silently: silently)
                let next = try await cluster.waitForLeader(ofStream: "S", otherThan: leader)
                let client = try await next.connectByHand()
                #expect(try await client.request("s.2", "more", id: "second").contains(#""seq":2"#))
                let alone = try await leader.connectByHand()
                try await alone.send("SUB a 1\r\nPUB a 0\r\n\r\n")
                #expect(try await alone.line() == "MSG a 1 0", "clients still reach it")
                cluster.mend()
                try await cluster.waitUntilCurrent(stream: "S")
            }
        }

        @Test func tellsClientsOfItsOtherServers() async throws {
            let cluster = try await NATSTestCluster.shared()
            let socket = try TestSocket.connect(to: cluster.servers[0].port)
            let info = try await socket.line()
            #expect(info.contains("127.0.0.1:\(cluster.servers[2].port)"), "\(info)")
        }

        private func make(in cluster: NATSTestCluster) async throws {
            let client = try await cluster.servers[0].connectByHand()
            #expect(try await client.request("$JS.API.STREAM.CREATE.S", Self.stream).contains("created"))
            #expect(try await client.request("s.1", "data", id: "first").contains(#""seq":1"#))
        }
    }
#endif
