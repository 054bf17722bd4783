#if NATS
    import HindsightJetStream
    import HindsightLog
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("Imports of long streams into a log on JetStream", .timeLimit(.minutes(3)))
    struct LongImportTests {
        /// Events with ids that tell no time.
        private static func batch(_ numbers: Range<Int>, of stream: StreamName = "long-1") -> [StreamEvent] {
            numbers.map {
                StreamEvent(stream, NewEvent(type: "Counted", data: Array("{\"n\":\($0)}".utf8), id: UUID()))
            }
        }

        /// How many messages the server has sent to a client.
        private static func sent(to client: NATSClient, by server: NATSTestServer) async throws -> Int {
            try await client.flush()
            return try await server.clients().reduce(0) { $0 + $1.out_msgs }
        }

        @Test("A batch does not read what the batches before it have stored, also if the first one had to look")
        func readsOnce() async throws {
            try await withNATSServer(.jetStream) { server in
                try await LogFixture.withClient([server.url]) { client in
                    try await LogFixture.withLog(client) { fixture in
                        for round in 0..<2 {
                            // The second time by another process, which knows nothing.
                            let log = fixture.another()
                            let before = try await Self.sent(to: client, by: server)
                            for number in 0..<20 {
                                let events = Self.batch(
                                    round * 10_000 + number * 500..<round * 10_000 + number * 500 + 500)
                                #expect(try await !log.append(verbatim: events).isDuplicate)
                            }
                            let count = try await Self.sent(to: client, by: server) - before
                            // Twenty batches, and 10,000 events that were there before; 95,000 more if each began anew.
                            #expect(count < 1_000 + round * 11_000, "\(count) messages in round \(round)")
                        }
                        #expect(try await fixture.log.frontier().position == 20_000)
                    }
                }
            }
        }

        @Test("What is in the stream is found all the same: of an earlier batch, and of another process in between")
        func findsRepetitions() async throws {
            try await LogFixture.withLog({ $0.duplicateWindow = .milliseconds(200) }) { fixture in
                let (log, other) = (fixture.log, fixture.another())
                let batches = (0..<4).map { Self.batch($0 * 10..<$0 * 10 + 10) }
                for batch in batches.dropLast() { try await log.append(verbatim: batch) }
                // It does not fit into what this process knows.
                let foreign = Self.batch(100..<110)
                try await other.append(verbatim: foreign)
                try await fixture.waitUntilIDsAreForgotten()
                let again = try await log.append(verbatim: batches[1])
                #expect(again.isDuplicate && again.position == 20)
                let theirs = try await log.append(verbatim: foreign)
                #expect(theirs.isDuplicate && theirs.position == 40)
                let mixed = await #expect(throws: EventLogError.self) {
                    try await log.append(verbatim: batches[3] + [batches[0][3], foreign[4]])
                }
                #expect(
                    mixed?.code == .knownEvents
                        && Set(mixed?.eventIDs ?? []) == [batches[0][3].event.id, foreign[4].event.id])
                #expect(try await !log.append(verbatim: batches[3]).isDuplicate)
                #expect(try await log.readStream("long-1").map(\.version) == Array(0..<50))
            }
        }

        @Test("A log that was put back, and has come as far again with other events, is read anew")
        func putBack() async throws {
            try await LogFixture.withLog({ $0.duplicateWindow = .milliseconds(200) }) { fixture in
                let log = fixture.log
                for number in 0..<3 { try await log.append(verbatim: Self.batch(number * 10..<number * 10 + 10)) }
                try await fixture.putBack(to: 10)
                let foreign = Self.batch(100..<120)
                try await fixture.another().append(verbatim: foreign)
                try await fixture.waitUntilIDsAreForgotten()
                let again = try await log.append(verbatim: Array(foreign.prefix(10)))
                #expect(again.isDuplicate && again.position == 20)
                #expect(try await log.readStream("long-1").count == 30)
            }
        }

        @Test("Two imports of the same events at once, and live events in between, store each once")
        func atOnce() async throws {
            try await LogFixture.withLog { fixture in
                let batches = (0..<10).map { Self.batch($0 * 20..<$0 * 20 + 20) }
                let logs = [fixture.log, fixture.log, fixture.another()]
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for log in logs {
                        tasks.addTask { for batch in batches { try await log.append(verbatim: batch) } }
                    }
                    tasks.addTask {
                        for number in 0..<20 {
                            try await fixture.log.append(
                                [NewEvent(type: "Live", data: Array("{\"n\":\(number)}".utf8))], to: "long-1")
                        }
                    }
                    try await tasks.waitForAll()
                }
                let stored = try await fixture.log.readStream("long-1")
                #expect(stored.filter { $0.type == "Counted" }.map(\.id) == batches.joined().map(\.event.id))
                #expect(stored.count == 220)
            }
        }

        @Test("The look for the ids of a refused batch ends with the time of the append")
        func refusalInTime() async throws {
            try await withNATSServer(.jetStream) { server in
                try await TCPProxy.with(to: server.port) { proxy in
                    try await LogFixture.withClient([server.url]) { direct in
                        try await LogFixture.withLog(direct, { $0.appendTimeout = .seconds(1) }) { fixture in
                            // So much that reading it takes a while.
                            let large = Array(#"{"text":"\#(String(repeating: "x", count: 900_000))"}"#.utf8)
                            for number in 0..<80 {
                                try await fixture.log.append(
                                    [NewEvent(type: "Large", data: large)],
                                    to: StreamName(category: "large", id: "\(number)"))
                            }
                            let known = Self.batch(0..<1, of: "other-1")
                            try await fixture.log.append(verbatim: known)
                            try await LogFixture.withClient(["nats://127.0.0.1:\(proxy.port)"]) { client in
                                let log = JetStreamEventLog(
                                    client, stream: fixture.log.streamName, configuration: fixture.log.configuration,
                                    logger: LogFixture.logger)
                                let start = ContinuousClock.now
                                let refused = Task { try await log.append(verbatim: Self.batch(1..<3) + known) }
                                let streams = JetStream(direct)
                                while try await streams.consumerNames(on: log.streamName).isEmpty,
                                    start.duration(to: .now) < .seconds(5)
                                {}
                                proxy.silence()
                                let error = await #expect(throws: EventLogError.self) { try await refused.value }
                                // In time, or when one answer more was waited for; a read alone waited 15 seconds for the next event.
                                #expect(start.duration(to: .now) < .seconds(12))
                                // It may just have found it.
                                #expect(error?.code == .unavailable || error?.eventIDs == known.map(\.event.id))
                                #expect(error?.code != .unavailable || error?.isRetriable == true)
                                proxy.mend()
                            }
                        }
                    }
                }
            }
        }

        @Test("What is remembered is bounded, and what was forgotten is not certain any more")
        func bound() {
            let imported = ImportedIDs(capacity: 10)
            let ids = (0..<12).map { _ in UUID() }
            imported.keep(ids[0..<4], of: "a-1", after: 0, through: 4)
            imported.keep(ids[4..<8], of: "b-1", after: 0, through: 8)
            #expect(imported.ends(of: ["a-1", "b-1", "c-1"], withoutAnyOf: [ids[8]]) == ["a-1": 4, "b-1": 8])
            #expect(imported.ends(of: ["a-1", "b-1"], withoutAnyOf: [ids[8], ids[5]]).isEmpty)
            // Not from where it ends.
            imported.keep(ids[8..<9], of: "a-1", after: 3, through: 9)
            #expect(imported.ends(of: ["a-1"], withoutAnyOf: [ids[9]]) == ["a-1": 4])
            // Too many.
            imported.keep(ids[8..<12], of: "a-1", after: 4, through: 12)
            #expect(imported.ends(of: ["a-1", "b-1"], withoutAnyOf: [UUID()]).isEmpty)
            imported.keep(ids[8..<12], of: "a-1", after: 0, through: 12)
            #expect(imported.ends(of: ["a-1", "b-1"], withoutAnyOf: [UUID()]) == ["a-1": 12])
            imported.forget("a-1")
            #expect(imported.ends(of: ["a-1"], withoutAnyOf: [UUID()]).isEmpty)
        }
    }
#endif
