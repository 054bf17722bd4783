#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightJetStream
    import HindsightNATS
    import HindsightTestSupport
    import HindsightValues
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("R6 on a cluster of three NATS servers", .timeLimit(.minutes(5)))
    struct CentreClusterTests {
        /// Nodes and those who ask on a cluster, each with a connection of its own, over a log on three servers.
        private static func with(
            _ cluster: NATSTestCluster, _ body: (CentreFixture, [EventCentreClient]) async throws -> Void
        ) async throws {
            try await CentreFixture.with(
                over: { client in
                    let log = JetStreamEventLog(
                        client, stream: NATSTestServer.uniqueName("log"), logger: CentreFixture.logger)
                    try await log.prepare()
                    return log
                }, on: cluster.urls
            ) { fixture in
                try await CentreFixture.withClient(cluster.urls) { first in
                    try await CentreFixture.withClient(cluster.urls) { second in
                        let clients = [first, second].map { client in
                            var centre = EventCentreClient(client, prefix: fixture.prefix)
                            centre.answerTime = .seconds(2)
                            centre.patience = .seconds(90)
                            return centre
                        }
                        try await body(fixture, clients)
                    }
                }
            }
        }

        private static func receipts(_ fixture: CentreFixture) async throws -> Int {
            try await fixture.pool.withSession { session in
                try session.query("select from hindsight.receipts where receipt is not null").count
            }
        }

        @Test("R6 servers are killed while commands run: each has one receipt, and its events are in the log once")
        func killed() async throws {
            try await withNATSCluster { cluster in
                try await Self.with(cluster) { fixture, clients in
                    try await fixture.serving([fixture.node(), fixture.node()]) {
                        try await fixture.eventuallyListening()
                        let isOver = DrainTests.Gate()
                        let receipts = try await withThrowingTaskGroup(of: [CommandReceipt].self) { group in
                            for writer in 0..<6 {
                                group.addTask {
                                    var receipts: [CommandReceipt] = []
                                    for number in 1...25 {
                                        receipts.append(
                                            try await clients[writer % 2].submit(
                                                Deposit(account: "\(writer % 3)", amount: writer * 100 + number)))
                                    }
                                    return receipts
                                }
                            }
                            group.addTask {
                                // Whichever server somebody is connected to, and that leads the stream, is among them.
                                for server in cluster.servers where !isOver.isOpen {
                                    await server.kill()
                                    let before = try await Self.receipts(fixture)
                                    // Two of three are enough.
                                    try await eventually("commands end") {
                                        try await Self.receipts(fixture) > before || isOver.isOpen
                                    }
                                    try await server.start()
                                    let stream = (fixture.log as? JetStreamEventLog)?.streamName ?? ""
                                    try await cluster.waitUntilCurrent(stream: stream)
                                }
                                return []
                            }
                            var receipts: [CommandReceipt] = []
                            for try await some in group {
                                receipts += some
                                // Its end is that of the servers' killer, too, which may come before.
                                if receipts.count == 150 { isOver.open() }
                            }
                            return receipts
                        }
                        #expect(receipts.count == 150)
                        #expect(receipts.allSatisfy { $0.status == .appended })
                        #expect(Set(receipts.compactMap(\.position)).count == 150)
                        for account in 0..<3 {
                            let expected = [account, account + 3].flatMap { writer in
                                (1...25).map { writer * 100 + $0 }
                            }
                            #expect(try await fixture.amounts("\(account)").sorted() == expected)
                        }
                        // Asked again, each says the same.
                        for receipt in receipts.prefix(20) {
                            #expect(try await clients[0].state(ofCommand: receipt.command).receipt == receipt)
                        }
                    }
                }
            }
        }
    }
#endif
