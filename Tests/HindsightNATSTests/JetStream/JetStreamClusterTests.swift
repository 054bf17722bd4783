#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("JetStream on three servers", .timeLimit(.minutes(5)))
    struct JetStreamClusterTests {
        /// A stream on three servers of a cluster of its own.
        private func withStream(_ body: (NATSTestCluster, JetStream, String) async throws -> Void) async throws {
            try await withNATSCluster { cluster in
                var configuration = NATSConfiguration()
                configuration.servers = cluster.urls
                configuration.reconnectBackoff.longest = .milliseconds(200)
                try await NATSClient.withClient(configuration, logger: quiet) { client in
                    let jetStream = JetStream(client, patience: .seconds(30))
                    let stream = try await jetStream.makeStream {
                        $0.replicas = 3
                        $0.storage = .file
                    }
                    try await body(cluster, jetStream, stream)
                }
            }
        }

        @Test("45, 4.8: the leader is killed: acks go on, none is lost, none is stored twice")
        func survivesElections() async throws {
            try await withStream { cluster, jetStream, stream in
                var acknowledged: [Int: UInt64] = [:]
                var last: UInt64 = 0
                for number in 1...300 {
                    if number == 100 {
                        let leader = try await cluster.waitForLeader(ofStream: stream)
                        await leader.kill()
                    }
                    // What is of unknown fate is sent again with the same id and expectation.
                    while acknowledged[number] == nil {
                        do throws(JetStreamError) {
                            let ack = try await jetStream.publish(
                                "\(number)".utf8, to: "\(stream).a",
                                options: .init(messageID: "\(number)", expectedLastSubjectSequence: last))
                            acknowledged[number] = ack.sequence
                            last = ack.sequence
                        } catch {
                            let there = try? await jetStream.message(in: stream, .last("\(stream).a"))
                            if let there, there.messageID == "\(number)" {
                                acknowledged[number] = there.sequence
                                last = there.sequence
                            } else if !error.isRetriable, error.code != .wrongLastSequence {
                                throw error
                            }
                        }
                    }
                }
                var texts: [String] = []
                for try await batch in try jetStream.ordered(on: stream, options: OrderedOptions(end: last)).batches {
                    texts += batch.map(\.text)
                }
                #expect(texts == (1...300).map { "\($0)" })
                #expect(last == 300)
            }
        }

        @Test("42: servers are killed while a stream is read: no gap, none twice")
        func readsInOrder() async throws {
            try await withStream { cluster, jetStream, stream in
                try await jetStream.fill(stream, with: 3000)
                var options = OrderedOptions(end: 3000)
                options.maximumMessages = 50
                options.heartbeat = .milliseconds(500)
                options.patience = .seconds(60)
                let messages = try jetStream.ordered(on: stream, options: options)
                var sequences: [UInt64] = []
                for try await message in messages {
                    sequences.append(message.delivery.streamSequence)
                    guard sequences.count % 700 == 0 else { continue }
                    // The one that has the consumer, so that it is lost.
                    let server = cluster.servers[sequences.count / 700 % 3]
                    try await server.restart(killing: true)
                    try await cluster.waitForMetaLeader()
                }
                #expect(sequences == Array(1...3000))
            }
        }

        @Test("46: the leader changes in the middle of a batch: all of it or nothing, and it can be sent again")
        func batchesSurviveElections() async throws {
            try await withStream { cluster, jetStream, stream in
                func headers(_ sequence: Int, commits: Bool = false) -> NATSHeaders {
                    var headers: NATSHeaders = ["Nats-Batch-Id": "b", "Nats-Batch-Sequence": "\(sequence)"]
                    if commits { headers["Nats-Batch-Commit"] = "1" }
                    return headers
                }
                try await jetStream.client.publish("1".utf8, to: "\(stream).a", headers: headers(1))
                try await jetStream.client.flush()
                let leader = try await cluster.waitForLeader(ofStream: stream)
                await leader.kill()
                _ = try await cluster.waitForLeader(ofStream: stream, otherThan: leader)
                var error: JetStreamError?
                repeat {
                    error = await failure {
                        try await jetStream.publish("2".utf8, to: "\(stream).b", headers: headers(2, commits: true))
                    }
                } while error?.code == .connection || error?.code == .timedOut
                #expect(error?.code == .batchIncomplete)
                #expect(try await jetStream.streamInfo(stream).state.messages == 0)
                let ack = try await jetStream.publishBatch([
                    JetStreamDraft("1".utf8, to: "\(stream).a"), JetStreamDraft("2".utf8, to: "\(stream).b"),
                ])
                #expect(ack.sequence == 2)
            }
        }

        @Test func saysWhoLeads() async throws {
            try await withStream { cluster, jetStream, stream in
                let info = try await jetStream.streamInfo(stream)
                let leader = try await cluster.waitForLeader(ofStream: stream)
                #expect(["n1", "n2", "n3"].contains(info.cluster?.leader))
                #expect(info.cluster?.replicas.count == 2)
                try await cluster.waitUntilCurrent(stream: stream)
                let replicas = try await jetStream.streamInfo(stream).cluster?.replicas ?? []
                #expect(replicas.allSatisfy { $0.isCurrent && !$0.isOffline && $0.lag == 0 })
                await leader.kill()
                _ = try await cluster.waitForLeader(ofStream: stream, otherThan: leader)
                #expect(try await jetStream.streamInfo(stream).cluster?.leader != info.cluster?.leader)
            }
        }
    }
#endif
