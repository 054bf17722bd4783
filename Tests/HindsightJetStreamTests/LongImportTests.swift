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

        @Test("The look for the ids of a refused batch ends when the servers are silent for the time of the append")
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

        @Test("A file that is imported again is read once more, and not once for each batch", arguments: [false, true])
        func readsOnceAgain(isMixed: Bool) async throws {
            try await withNATSServer(.jetStream) { server in
                try await LogFixture.withClient([server.url]) { client in
                    try await LogFixture.withLog(client, { $0.duplicateWindow = .milliseconds(200) }) { fixture in
                        let batches = (0..<20).map { Self.batch($0 * 500..<$0 * 500 + 500) }
                        for batch in batches { try await fixture.log.append(verbatim: batch) }
                        try await fixture.waitUntilIDsAreForgotten()
                        for log in [fixture.log, fixture.another()] {
                            let before = try await Self.sent(to: client, by: server)
                            for (number, batch) in batches.enumerated() {
                                guard isMixed else {
                                    let again = try await log.append(verbatim: batch)
                                    #expect(again.isDuplicate && again.position == Int64(number + 1) * 500)
                                    continue
                                }
                                let new = Self.batch(number..<number + 1)
                                let error = await #expect(throws: EventLogError.self) {
                                    try await log.append(verbatim: batch + new)
                                }
                                #expect(error?.eventIDs.count == 500)
                                #expect(error?.compared.map(\.id) == batch.map(\.event.id))
                                #expect(error?.compared.allSatisfy(\.isSame) == true)
                                #expect(try await !log.append(verbatim: new).isDuplicate)
                            }
                            let count = try await Self.sent(to: client, by: server) - before
                            // What is there, once for whoever knows nothing of it, and each batch: 200,000 if each read all of it.
                            #expect(count < 24_000, "\(count) messages")
                        }
                    }
                }
            }
        }

        @Test("With an index of ids an import reads no stream, also of a file that was just imported")
        func indexed() async throws {
            try await withNATSServer(.jetStream) { server in
                try await EngineTests.withDatabase(connections: 4) { _, pool in
                    try await LogFixture.withClient([server.url]) { client in
                        try await LogFixture.withLog(client, { $0.idIndex = IDIndex(pool: pool) }) { fixture in
                            let batches = (0..<10).map { Self.batch($0 * 500..<$0 * 500 + 500) }
                            for batch in batches { try await fixture.log.append(verbatim: batch) }
                            for batch in batches {
                                #expect(try await fixture.another().append(verbatim: batch).isDuplicate)
                            }
                            #expect(try await fixture.log.frontier().position == 5_000)
                            let log = fixture.another()
                            let before = try await Self.sent(to: client, by: server)
                            for number in 0..<10 {
                                #expect(try await !log.append(verbatim: Self.batch(number..<number + 1)).isDuplicate)
                            }
                            let count = try await Self.sent(to: client, by: server) - before
                            #expect(count < 200, "\(count) messages")
                        }
                    }
                }
            }
        }

        @Test("The look for the ids of a refused batch may take longer than an append, as long as events come")
        func refusalBeyondTheTime() async throws {
            try await withNATSServer(.jetStream) { server in
                try await LogFixture.withClient([server.url]) { client in
                    try await LogFixture.withLog(client) { fixture in
                        // So much that reading it takes longer.
                        let large = Array(#"{"text":"\#(String(repeating: "x", count: 900_000))"}"#.utf8)
                        for number in 0..<200 {
                            try await fixture.log.append(
                                [NewEvent(type: "Large", data: large)],
                                to: StreamName(category: "large", id: "\(number)"))
                        }
                        let known = Self.batch(0..<1, of: "other-1")
                        try await fixture.log.append(verbatim: known)
                        var configuration = fixture.log.configuration
                        configuration.appendTimeout = .milliseconds(100)
                        let log = JetStreamEventLog(
                            client, stream: fixture.log.streamName, configuration: configuration,
                            logger: LogFixture.logger)
                        var error: EventLogError?
                        // On a busy machine no event may come for as long as that.
                        for _ in 0..<20 where error?.code != .knownEvents {
                            error = await #expect(throws: EventLogError.self) {
                                try await log.append(verbatim: Self.batch(1..<3) + known)
                            }
                        }
                        #expect(error?.eventIDs == known.map(\.event.id))
                    }
                }
            }
        }

        @Test("What is remembered is bounded, and what was forgotten is not certain any more")
        func bound() {
            let imported = ImportedIDs(capacity: 100)
            let ids = (0..<120).map { _ in UUID() }
            let other = UUID()
            imported.keep(ids[0..<4], of: "a-1", after: 0, through: 4)
            imported.keep(ids[4..<8], of: "b-1", after: 0, through: 8)
            #expect(
                imported.known(of: ["a-1", "b-1", "c-1"], among: [other])
                    == ["a-1": .init(end: 4), "b-1": .init(end: 8)])
            imported.noteFound(at: 6, of: "b-1")
            #expect(
                imported.known(of: ["a-1", "b-1"], among: [other, ids[5]])
                    == ["a-1": .init(end: 4), "b-1": .init(end: 8, held: [ids[5]], found: 6)])
            // With a hole before it.
            imported.keep(ids[8..<9], of: "a-1", after: 5, through: 9)
            #expect(imported.known(of: ["a-1"], among: [ids[8]]) == ["a-1": .init(end: 4)])
            // Of which a part is known.
            imported.keep(ids[2..<10], of: "a-1", after: 2, through: 10)
            #expect(
                imported.known(of: ["a-1"], among: [ids[0], ids[9], other])
                    == ["a-1": .init(end: 10, held: [ids[0], ids[9]])])
            // No room for all: the stream that was used least lately goes.
            imported.keep(ids[10..<25], of: "c-1", after: 0, through: 25)
            #expect(
                imported.known(of: ["a-1", "b-1", "c-1"], among: [other])
                    == ["a-1": .init(end: 10), "c-1": .init(end: 25)])
            // No room for one: what is known of it stays.
            imported.keep(ids[25..<120], of: "c-1", after: 25, through: 120)
            imported.keep(ids[0..<90], of: "d-1", after: 0, through: 90)
            #expect(
                imported.known(of: ["a-1", "c-1", "d-1"], among: [ids[24]])
                    == ["a-1": .init(end: 10), "c-1": .init(end: 25, held: [ids[24]])])
            imported.forget("c-1")
            #expect(imported.known(of: ["c-1"], among: [other]).isEmpty)
            imported.keep(ids[0..<70], of: "d-1", after: 0, through: 70)
            #expect(imported.known(of: ["a-1", "d-1"], among: [other]) == ["d-1": .init(end: 70)])
        }

        @Test("A set of hashes has what was added, and nothing else")
        func hashes() {
            var hashes = IDHashes()
            let ids = (0..<10_000).map { _ in UUID() }
            var place = 0
            for count in [1, 1, 3, 500, 20, 4_000, 7, 1_000] {
                hashes.add(ids[place..<place + count].map { IDHashes.hash($0) })
                place += count
                let wanted = Set(ids[max(0, place - 3)..<place + 3].map { IDHashes.hash($0) })
                let expected = Set(ids[max(0, place - 3)..<place].map { IDHashes.hash($0) })
                #expect(hashes.common(with: wanted) == expected)
            }
            #expect(hashes.count == place)
            #expect(hashes.common(with: Set(ids.map { IDHashes.hash($0) })).count == place)
        }
    }
#endif
