#if NATS
    import HindsightJetStream
    import HindsightLog
    import HindsightNATS
    import HindsightTestSupport
    import HindsightTesting
    import Testing

    @Suite("The JetStream log keeps the contract", .timeLimit(.minutes(5)))
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
