#if NATS
    import HindsightJetStream
    import HindsightLog
    import HindsightNATS
    import HindsightTestSupport
    import HindsightTesting
    import Testing

    @Suite("The JetStream log keeps the contract", .serialized, .timeLimit(.minutes(10)))
    struct ContractTests {
        /// A stream stores an append at once or not at all: none can be held open with its positions drawn.
        static let excuses = Dictionary(
            uniqueKeysWithValues: LogContract.cases.filter { $0.needs.hooks.contains(.openAppend) }
                .map { ($0.name, "no append can be held open") })

        @Test func onOneServer() async throws {
            let report = await LogContract.check { body in
                try await LogFixture.withLog { fixture in
                    try await body(
                        LogUnderTest(
                            log: fixture.log, peer: fixture.another(),
                            rewind: { position in try await fixture.putBack(to: position) }))
                }
            }
            for problem in report.problems(excusing: Self.excuses) { Issue.record("\(problem)") }
            #expect(report.passed.count > 40)
        }
    }

    extension ContractTests {
        @Test func onAClusterOfThree() async throws {
            let cluster = try await NATSTestCluster.shared()
            let report = await LogContract.check { body in
                try await LogFixture.withClient(cluster.urls) { client in
                    // What a cluster says of its end is believed at once here, and after a while in the test below.
                    try await LogFixture.withLog(client, { $0.confirmationTime = .zero }) { fixture in
                        #expect(
                            try await JetStream(client).streamInfo(fixture.log.streamName).configuration.replicas == 3)
                        try await body(
                            LogUnderTest(
                                log: fixture.log, peer: fixture.another(),
                                rewind: { position in try await fixture.putBack(to: position) }))
                    }
                }
            }
            for problem in report.problems(excusing: Self.excuses) { Issue.record("\(problem)") }
            #expect(report.passed.count > 40)
        }

        @Test("4.7 a cluster's word that the log ends earlier is believed after it was repeated, and not before")
        func putBackOnACluster() async throws {
            let cluster = try await NATSTestCluster.shared()
            try await LogFixture.withClient(cluster.urls) { client in
                try await LogFixture.withLog(client, { $0.confirmationTime = .seconds(1) }) { fixture in
                    var last: AppendResult?
                    for number in 0..<10 {
                        let event = NewEvent(type: "Counted", data: Array("{\"n\":\(number)}".utf8))
                        last = try await fixture.log.append([event], to: "a-1")
                    }
                    let head = try await fixture.log.frontier()
                    #expect(head.position == last?.position)
                    try await fixture.putBack(to: 4)
                    // At first it is only a suspicion, and the frontier stays.
                    let early = await #expect(throws: EventLogError.self) { try await fixture.log.verify(head) }
                    #expect(early?.code == .unavailable && early?.isRetriable ?? false)
                    #expect(try await fixture.log.frontier() == head)
                    var found: EventLogError?
                    while found?.code != .anchorMismatch {
                        do throws(any Error) {
                            try await fixture.log.verify(head)
                        } catch let error as EventLogError {
                            found = error
                        }
                        try await Task.sleep(for: .milliseconds(50))
                    }
                    #expect(try await fixture.log.frontier().position == 4)
                }
            }
        }
    }

    extension LogFixture {
        /// Puts the stream into the state in which it was when its last event had a position: a stream of the same name and
        /// identity, with the same events up to there.
        func putBack(to position: Int64) async throws {
            let jetStream = JetStream(client)
            let settings = try await jetStream.streamInfo(log.streamName).configuration
            var kept: [StoredMessage] = []
            for sequence in 1...UInt64(position) {
                if let message = try await jetStream.message(in: log.streamName, .sequence(sequence)) {
                    kept.append(message)
                }
            }
            try await jetStream.deleteStream(log.streamName)
            _ = try await jetStream.createStream(settings)
            for message in kept {
                var headers = message.headers
                for name in headers.map(\.name) where name.hasPrefix("Nats-Expected") || name.hasPrefix("Nats-Batch") {
                    headers[name] = nil
                }
                try await jetStream.publish(message.withPayload { Array($0) }, to: message.subject, headers: headers)
            }
        }
    }
#endif
