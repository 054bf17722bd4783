#if NATS
    import HindsightJetStream
    import HindsightLog
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Streams that cannot be a log", .timeLimit(.minutes(1)))
    struct StreamSettingsTests {
        /// Makes a stream that differs from a log's in something, and opens it as a log.
        private func open(_ change: (inout StreamConfiguration) -> Void) async throws -> EventLogError? {
            try await LogFixture.withLog { fixture in
                let jetStream = JetStream(fixture.client)
                var settings = try await jetStream.streamInfo(fixture.log.streamName).configuration
                try await jetStream.deleteStream(fixture.log.streamName)
                change(&settings)
                _ = try await jetStream.createStream(settings)
                do {
                    try await fixture.another().prepare()
                    return nil
                } catch let error as EventLogError {
                    return error
                }
            }
        }

        static let changes: [(String, @Sendable (inout StreamConfiguration) -> Void)] = [
            ("hindsight.log", { $0.metadata = [:] }),
            ("format 2", { $0.metadata["hindsight.format"] = "2" }),
            ("max_age", { $0.maximumAge = .seconds(3_600) }),
            ("max_msgs is set", { $0.maximumMessages = 1_000_000 }),
            ("max_msgs_per_subject", { $0.maximumMessagesPerSubject = 10 }),
            ("retention", { $0.retention = .interest }),
            ("allow_msg_ttl", { $0.allowsMessageLifetimes = true }),
            ("allow_direct", { $0.allowsDirectReads = false }),
            ("allow_atomic", { $0.allowsBatches = false }),
            ("no_ack", { $0.omitsAcks = true }),
            ("max_consumers", { $0.maximumConsumers = 2 }),
            ("subjects", { $0.subjects = ["\($0.name).>"] }),
        ]

        @Test("what could remove or change events is refused with its reason", arguments: changes.indices)
        func refused(index: Int) async throws {
            let (word, change) = Self.changes[index]
            let error = try await open(change)
            #expect(error?.code == .unusableLog)
            #expect(
                error?.message.contains(word.replacing("format 2", with: "format")) ?? false,
                "\(String(describing: error))")
        }

        @Test("a stream as it was made is taken again, with its identity")
        func taken() async throws {
            try await LogFixture.withLog { fixture in
                let other = fixture.another()
                try await other.prepare()
                #expect(try await other.identity() == fixture.log.identity())
            }
        }

        @Test("no stream, and no event in a stream, are errors that say what to do")
        func foreign() async throws {
            try await LogFixture.withLog { fixture in
                let none = JetStreamEventLog(fixture.client, stream: "none", logger: LogFixture.logger)
                let missing = await #expect(throws: EventLogError.self) { try await none.identity() }
                #expect(missing?.code == .unusableLog && missing?.message.contains("prepare()") ?? false)
                try await fixture.client.publish("x".utf8, to: "\(fixture.log.streamName).a.-1")
                try await fixture.client.flush()
                while try await JetStream(fixture.client).streamInfo(fixture.log.streamName).state.messages == 0 {
                    await Task.yield()
                }
                let foreign = await #expect(throws: EventLogError.self) { try await fixture.log.frontier() }
                #expect(foreign?.code == .unusableLog && foreign?.message.contains("Nats-Msg-Id") ?? false)
            }
        }
    }
#endif
