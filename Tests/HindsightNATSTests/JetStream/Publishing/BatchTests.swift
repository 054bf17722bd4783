#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Atomic batches", .timeLimit(.minutes(2)))
    struct BatchTests {
        @Test("46: a batch is stored whole, with ids and expectations", arguments: [1, 2, 1000])
        func commits(count: Int) async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.publish("0".utf8, to: "\(stream).0")
                let ack = try await jetStream.publishBatch(
                    (1...count).map { number in
                        JetStreamDraft(
                            "\(number)".utf8, to: "\(stream).\(number)", headers: ["Own": "\(number)"],
                            options: PublishOptions(
                                messageID: "\(number)", expectedStream: stream, expectedLastSubjectSequence: 0))
                    })
                #expect(ack.sequence == UInt64(count + 1))
                #expect(ack.batchCount == count)
                let last = try #require(try await jetStream.message(in: stream, .sequence(UInt64(count + 1))))
                #expect(last.text == "\(count)")
                #expect(last.headers["Own"] == "\(count)")
                #expect(last.messageID == "\(count)")
            }
        }

        @Test("46: a conflict in the second subject refuses all")
        func refusesAll() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.publish("0".utf8, to: "\(stream).b")
                let error = await failure {
                    try await jetStream.publishBatch([
                        JetStreamDraft("1".utf8, to: "\(stream).a", options: .init(expectedLastSubjectSequence: 0)),
                        JetStreamDraft("2".utf8, to: "\(stream).b", options: .init(expectedLastSubjectSequence: 0)),
                    ])
                }
                #expect(error?.code == .wrongLastSequence)
                #expect(error?.lastSequence == 1)
                #expect(try await jetStream.streamInfo(stream).state.lastSequence == 1)
            }
        }

        @Test("46: too many messages, a stream without batches, a header that does not go with them")
        func saysWhatIsWrong() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream { $0.allowsBatches = false }
                let draft = JetStreamDraft("1".utf8, to: "\(stream).a")
                let many = await failure { try await jetStream.publishBatch(Array(repeating: draft, count: 1001)) }
                #expect(many?.code == .batchTooLarge)
                let none = await failure { try await jetStream.publishBatch([]) }
                #expect(none?.code == .invalidRequest)
                let disabled = await failure { try await jetStream.publishBatch([draft, draft]) }
                #expect(disabled?.code == .batchesDisabled)
                var configuration = try await jetStream.streamInfo(stream).configuration
                configuration.allowsBatches = true
                _ = try await jetStream.updateStream(configuration)
                var expecting = draft
                expecting.options.expectedLastMessageID = "1"
                let unsupported = await failure { try await jetStream.publishBatch([expecting, draft]) }
                #expect(unsupported?.code == .invalidRequest)
                #expect(unsupported?.serverCode == 10177)
                var large = draft
                large.payload = [UInt8](repeating: 0, count: 1 << 20)
                let tooLarge = await failure { try await jetStream.publishBatch([draft, large]) }
                #expect(tooLarge?.code == .messageTooLarge)
                #expect(try await jetStream.streamInfo(stream).state.lastSequence == 0)
            }
        }

        @Test("46: a gap, and a batch that was given up, are incomplete")
        func noticesWhatIsMissing() async throws {
            let options = NATSServerOptions.with {
                $0.jetStream = NATSServerJetStream(lines: ["limits { batch { timeout: \"200ms\" } }"])
            }
            try await withNATSServer(options) { server in
                try await withJetStream(on: server) { jetStream in
                    let stream = try await jetStream.makeStream()
                    func headers(_ id: String, _ sequence: Int, commits: Bool = false) -> NATSHeaders {
                        var headers: NATSHeaders = ["Nats-Batch-Id": id, "Nats-Batch-Sequence": "\(sequence)"]
                        if commits { headers["Nats-Batch-Commit"] = "1" }
                        return headers
                    }
                    try await jetStream.client.publish("1".utf8, to: "\(stream).a", headers: headers("gap", 1))
                    let gap = await failure {
                        try await jetStream.publish(
                            "3".utf8, to: "\(stream).a", headers: headers("gap", 3, commits: true))
                    }
                    #expect(gap?.code == .batchIncomplete)
                    #expect(gap?.isRetriable == true)
                    try await jetStream.client.publish("1".utf8, to: "\(stream).a", headers: headers("late", 1))
                    try await Task.sleep(for: .seconds(1))
                    let late = await failure {
                        try await jetStream.publish(
                            "2".utf8, to: "\(stream).a", headers: headers("late", 2, commits: true))
                    }
                    #expect(late?.code == .batchIncomplete)
                    #expect(try await jetStream.streamInfo(stream).state.lastSequence == 0)
                }
            }
        }
    }
#endif
