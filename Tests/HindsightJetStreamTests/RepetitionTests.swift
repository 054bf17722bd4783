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

    @Suite("E1 events that come again late are stored once in their stream", .timeLimit(.minutes(2)))
    struct RepetitionTests {
        private func event(_ number: Int, id: UUID? = nil) -> NewEvent {
            NewEvent(type: "Counted", data: Array(#"{"n":\#(number)}"#.utf8), id: id)
        }

        /// How often the log holds an id.
        private func count(of id: UUID, in log: JetStreamEventLog) async throws -> Int {
            try await log.read(after: .beginning, limit: 1_000).events.count { $0.id == id }
        }

        @Test("lines of an import whose ids have times that were not yet", arguments: [4, 400])
        func futureIDs(seconds: Int) async throws {
            try await LogFixture.withLog({ $0.duplicateWindow = .milliseconds(100) }) { fixture in
                let time = Timestamp.now().advanced(by: .seconds(seconds))
                let planned = StreamEvent("visit-1", event(1, id: .version7(at: time)))
                let first = try await fixture.log.append(verbatim: [planned])
                try await fixture.waitUntilIDsAreForgotten()
                let again = try await fixture.another().append(verbatim: [planned])
                #expect(again.isDuplicate && again.position == first.position)
                #expect(try await count(of: planned.event.id, in: fixture.log) == 1)
            }
        }

        @Test("a message that is on its way for longer than the servers remember its id")
        func lateMessages() async throws {
            let server = try await NATSTestServer.shared()
            try await LogFixture.withLog({ $0.duplicateWindow = .seconds(2) }) { fixture in
                try await TCPProxy.with(to: server.port) { proxy in
                    try await LogFixture.withClient(["nats://127.0.0.1:\(proxy.port)"]) { client in
                        var impatient = fixture.log.configuration
                        impatient.appendTimeout = .milliseconds(500)
                        impatient.answerTimeout = .milliseconds(300)
                        let far = JetStreamEventLog(
                            client, stream: fixture.log.streamName, configuration: impatient, logger: LogFixture.logger)
                        let repeated = event(1)
                        try await fixture.log.append([repeated], to: "a-1")
                        // It knows where the stream ends, behind the event.
                        try await far.append([event(2)], to: "a-1")
                        proxy.silence()
                        let error = await #expect(throws: EventLogError.self) {
                            try await far.append([repeated], to: "a-1")
                        }
                        #expect(error?.code == .unavailable)
                        try await fixture.waitUntilIDsAreForgotten()
                        proxy.mend()
                        // What comes over the same connection afterwards.
                        var last: AppendResult?
                        while last == nil {
                            do throws(any Error) {
                                last = try await far.append([event(3)], to: "a-1")
                            } catch let error as EventLogError where error.isRetriable {
                                await Task.yield()
                            }
                        }
                        #expect(try await count(of: repeated.id, in: fixture.log) == 1)
                        let again = try await far.append([repeated], to: "a-1")
                        #expect(again.isDuplicate && again.version == 0)
                    }
                }
            }
        }

        @Test("a duplicate window that was shortened while a process runs")
        func shortenedWindows() async throws {
            try await LogFixture.withLog { fixture in
                let repeated = event(1)
                let first = try await fixture.log.append([repeated], to: "a-1")
                let running = fixture.another()
                try await running.append([event(2)], to: "a-1")
                let jetStream = JetStream(fixture.client)
                var settings = try await jetStream.streamInfo(fixture.log.streamName).configuration
                settings.duplicateWindow = .milliseconds(100)
                _ = try await jetStream.updateStream(settings)
                try await fixture.waitUntilIDsAreForgotten()
                for log in [running, fixture.log, fixture.another()] {
                    let again = try await log.append([repeated], to: "a-1")
                    #expect(again.isDuplicate && again.position == first.position)
                }
                #expect(try await count(of: repeated.id, in: fixture.log) == 1)
            }
        }

        @Test("an event that is made now is one message to a stream whose end is known, and is not looked for")
        func newEvents() async throws {
            try await withNATSServer(.jetStream) { server in
                try await LogFixture.withClient([server.url]) { client in
                    try await LogFixture.withLog(client) { fixture in
                        func messages() async throws -> UInt64 {
                            // What the server has read is counted by then.
                            try await client.flush()
                            return try await server.clients().reduce(0) { $0 + UInt64($1.in_msgs) }
                        }
                        // Another process has just made the stream, and this one looks at it once.
                        try await fixture.another().append([event(0)], to: "a-1", expected: .noStream)
                        try await fixture.log.append([event(1)], to: "a-1")
                        let before = try await messages()
                        for number in 2..<12 { try await fixture.log.append([event(number)], to: "a-1") }
                        // Some are made before others are stored.
                        try await fixture.log.append([event(12)], to: "b-1", expected: .noStream)
                        for event in (13..<23).map({ event($0) }) { try await fixture.log.append([event], to: "b-1") }
                        #expect(try await messages() == before + 21)
                        #expect(try await fixture.log.frontier().position == 23)
                    }
                }
            }
        }
    }
#endif
