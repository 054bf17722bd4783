#if NATS
    import HindsightJetStream
    import HindsightLog
    import HindsightNATS
    import HindsightTestSupport
    import HindsightValues
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("What endangers a log on JetStream", .timeLimit(.minutes(3)))
    struct ExamineTests {
        private func event(_ number: Int) -> NewEvent {
            NewEvent(type: "Counted", data: Array(#"{"n":\#(number)}"#.utf8))
        }

        private func serious(_ log: JetStreamEventLog) async throws -> [HealthFinding] {
            try await log.examine(app: "shop").findings.filter { $0.severity > .note }
        }

        /// Runs `body` with a log of ten events whose stream lets them be deleted.
        private func withDeletableLog(_ body: (LogFixture, JetStream) async throws -> Void) async throws {
            try await LogFixture.withLog { fixture in
                let jetStream = JetStream(fixture.client)
                var settings = try await jetStream.streamInfo(fixture.log.streamName).configuration
                try await jetStream.deleteStream(fixture.log.streamName)
                settings.deniesDelete = false
                settings.deniesPurge = false
                _ = try await jetStream.createStream(settings)
                let log = fixture.another()
                for number in 0..<10 {
                    try await log.append([event(number)], to: StreamName("a-\(number % 2)"), expected: .any)
                }
                try await body(LogFixture(client: fixture.client, log: log), jetStream)
            }
        }

        /// Publishes a message with the headers of the log's first one, some of them changed, as another program may do.
        private func publish(
            _ headers: [String: String], to subject: String, _ fixture: LogFixture, _ jetStream: JetStream
        ) async throws {
            let first = try #require(try await jetStream.message(in: fixture.log.streamName, .sequence(1)))
            var all = NATSHeaders()
            for name in ["Hs-Type", "Hs-Version", "Hs-Occurred", "Nats-Msg-Id"] {
                if let value = headers[name] ?? first.headers[name] { all[name] = value }
            }
            _ = try await jetStream.publish(
                JetStreamDraft("{}".utf8, to: NATSSubject("\(fixture.log.streamName).\(subject)"), headers: all))
        }

        @Test("a sound log on one server: nothing but that it is one, and what no client can see")
        func sound() async throws {
            try await LogFixture.withLog { fixture in
                for count in [0, 5] {
                    for number in 0..<count { try await fixture.log.append([event(number)], to: "a-1", expected: .any) }
                    let report = try await fixture.log.examine(app: "shop")
                    #expect(report.findings.map(\.severity) == [.note], "\(report.findings)")
                    #expect(report.findings[0].sentence.hasPrefix("One server alone has the log"))
                    #expect(report.unseen.count == 1 && report.unseen[0].contains("sync_interval"))
                    #expect(try await fixture.log.inspect() == HealthReport())
                }
            }
        }

        @Test("each setting that endangers events is a finding with a remedy, also where no program takes the log")
        func settings() async throws {
            try await LogFixture.withLog { fixture in
                let (jetStream, name) = (JetStream(fixture.client), fixture.log.streamName)
                var settings = try await jetStream.streamInfo(name).configuration
                try await jetStream.deleteStream(name)
                settings.maximumAge = .seconds(3_600)
                settings.deniesPurge = false
                settings.duplicateWindow = .seconds(1)
                _ = try await jetStream.createStream(settings)
                let found = try await serious(fixture.another())
                #expect(found.map(\.severity) == [.danger, .warning, .warning], "\(found)")
                for (finding, word) in zip(found, ["max_age", "deny_purge", "duplicate window"]) {
                    #expect(
                        finding.sentence.contains(word) && finding.remedy?.contains("nats stream edit \(name)") == true)
                }
            }
        }

        @Test("no stream, and a stream that is no log, are dangers and no errors")
        func foreign() async throws {
            try await LogFixture.withLog { fixture in
                let none = JetStreamEventLog(fixture.client, stream: "none", logger: LogFixture.logger)
                let missing = try await serious(none)
                #expect(missing.map(\.sentence) == ["There is no stream none."])
                #expect(missing[0].remedy?.hasPrefix("`shop database migrate` creates it") == true)
                let (jetStream, name) = (JetStream(fixture.client), NATSTestServer.uniqueName("other"))
                _ = try await jetStream.createStream(
                    StreamConfiguration(name: name, subjects: [NATSSubject("\(name).>")]))
                let other = try await serious(
                    JetStreamEventLog(fixture.client, stream: name, logger: LogFixture.logger))
                #expect(other.map(\.severity) == [.danger] && other[0].sentence.contains("is no log of Hindsight"))
                try await jetStream.deleteStream(name)
            }
        }

        @Test("events that were deleted or purged are found, and where reading ends")
        func holes() async throws {
            try await withDeletableLog { fixture, jetStream in
                let name = fixture.log.streamName
                try await jetStream.deleteMessage(5, of: name)
                let hole = try await serious(fixture.log).filter { $0.severity == .danger }
                #expect(hole.map(\.sentence) == ["The stream \(name) has lost events: 1 of its events were deleted."])
                let report = try await fixture.log.inspect()
                let reading = try #require(report.findings.first)
                #expect(reading.sentence == "The log cannot be read behind position 0." && reading.severity == .danger)
                #expect(reading.evidence[0].text.contains("no event at position 5"), "\(reading)")

                _ = try await jetStream.purge(name, .before(4))
                let purged = try await serious(fixture.log).map(\.sentence)
                #expect(
                    purged.contains("The stream \(name) has lost events: its events below position 4 are gone."),
                    "\(purged)")
                try await jetStream.deleteMessage(10, of: name)
                let end = try await serious(fixture.log).map(\.sentence)
                #expect(
                    end.contains(
                        "The stream \(name) has reached position 10, and the event there is gone."
                    ),
                    "\(end)")
            }
        }

        @Test(
            "what somebody else has published is found: no event, versions that do not follow, ids that are there twice"
        )
        func published() async throws {
            try await withDeletableLog { fixture, jetStream in
                #expect(try await fixture.log.inspect() == HealthReport())
                let id = try #require(try await fixture.log.readStream("a-0").first?.id.uuidString.lowercased())
                // The servers forget ids after a while, which this does not wait for.
                var settings = try await jetStream.streamInfo(fixture.log.streamName).configuration
                settings.duplicateWindow = .milliseconds(100)
                _ = try await jetStream.updateStream(settings)
                try await fixture.waitUntilIDsAreForgotten()
                let forgotten = try await fixture.log.inspect().findings
                #expect(
                    forgotten.map(\.severity) == [.warning], "the marker of the wait is in two streams: \(forgotten)")
                try await publish(["Hs-Version": "9"], to: "a.-0", fixture, jetStream)
                let found = try await fixture.log.inspect().findings
                #expect(found.map(\.severity) == [.danger, .danger, .warning], "\(found)")
                #expect(found[0].evidence.map(\.text) == ["a-0: version 9 in place of 5, at position 13"])
                #expect(found[1].evidence.map(\.text) == ["\(id): positions 1 and 13"])
                #expect(try await serious(fixture.log).allSatisfy { $0.severity == .warning })

                try await fixture.client.publish("x".utf8, to: NATSSubject("\(fixture.log.streamName).a.-1"))
                try await fixture.client.flush()
                try await eventually("it is stored") {
                    try await jetStream.streamInfo(fixture.log.streamName).state.lastSequence == 14
                }
                let last = try await serious(fixture.log)
                #expect(
                    last.contains { $0.severity == .danger && $0.sentence.contains("message 14 of the log's stream") })
                let unread = try await fixture.log.inspect()
                #expect(
                    unread.findings.isEmpty && unread.unseen.count == 1 && unread.unseen[0].contains("message 14"),
                    "where the log ends is not known: \(unread)")
            }
        }
    }

    @Suite("What endangers a log on a cluster", .timeLimit(.minutes(3)))
    struct ExamineClusterTests {
        @Test("servers that are away, a majority that is, and too few copies are found")
        func servers() async throws {
            try await withNATSCluster { cluster in
                try await LogFixture.withClient(cluster.urls) { client in
                    try await LogFixture.withLog(client) { fixture in
                        let stream = fixture.log.streamName
                        try await fixture.log.append(
                            [NewEvent(type: "Counted", data: Array("{}".utf8))], to: "a-1", expected: .noStream)
                        let leader = try await cluster.waitForLeader(ofStream: stream)
                        try await cluster.waitUntilCurrent(stream: stream)
                        try await eventually("a log on three servers is sound") {
                            try await fixture.log.examine(app: "shop").findings.isEmpty
                        }
                        let away = try #require(cluster.servers.first { $0.url != leader.url })
                        // Whoever is connected to the one that is killed has to connect anew.
                        try await LogFixture.withClient([leader.url]) { client in
                            let log = JetStreamEventLog(
                                client, stream: stream, configuration: fixture.log.configuration,
                                logger: LogFixture.logger)
                            await away.kill()
                            try await eventually("a server is away") {
                                try await log.examine(app: "shop").findings.contains {
                                    $0.severity == .warning
                                        && $0.sentence.hasSuffix("which has a copy of the log, is away.")
                                }
                            }
                            var configuration = fixture.log.configuration
                            configuration.replicas = 1
                            let single = JetStreamEventLog(
                                client, stream: NATSTestServer.uniqueName("single"), configuration: configuration,
                                logger: LogFixture.logger)
                            try await single.prepare()
                            let alone = try await single.examine(app: "shop").findings
                            #expect(
                                alone.map(\.severity) == [.warning]
                                    && alone[0].remedy?.contains("--replicas 3") == true, "\(alone)")
                        }
                    }
                }
            }
        }
    }
#endif
