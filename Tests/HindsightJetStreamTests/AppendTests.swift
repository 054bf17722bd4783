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

    @Suite("Appends to a log on JetStream", .timeLimit(.minutes(2)))
    struct AppendTests {
        private func event(_ number: Int, id: UUID? = nil) -> NewEvent {
            NewEvent(type: "Counted", data: Array(#"{"n":\#(number)}"#.utf8), id: id)
        }

        @Test("an id of another stream is refused within the duplicate window")
        func idsOfOtherStreams() async throws {
            try await LogFixture.withLog { fixture in
                let known = event(1)
                try await fixture.log.append([known], to: "a-1")
                let error = await #expect(throws: EventLogError.self) {
                    try await fixture.log.append([known], to: "b-1")
                }
                #expect(error?.code == .knownEvents)
                #expect(error?.eventIDs == [known.id])
            }
        }

        @Test("an id of another stream is stored beyond the window: a stated difference")
        func oldIDsOfOtherStreams() async throws {
            try await LogFixture.withLog({ $0.duplicateWindow = .milliseconds(200) }) { fixture in
                let known = event(1)
                try await fixture.log.append([known], to: "a-1")
                var isStored = false
                while !isStored {
                    do throws(any Error) {
                        isStored = !(try await fixture.log.append([known], to: "b-1").isDuplicate)
                    } catch let error as EventLogError where error.code == .knownEvents {
                        // The server has not forgotten it yet.
                        try await Task.sleep(for: .milliseconds(100))
                    }
                }
            }
        }

        @Test("E1 an old id is found again in its stream, however long ago it was stored")
        func oldIDs() async throws {
            try await LogFixture.withLog({ $0.duplicateWindow = .milliseconds(200) }) { fixture in
                // Ids that tell no time, and one that tells of long ago.
                let old = UUID.version7(at: Timestamp(microsecondsSince1970: 1_000_000_000_000))
                let events = [event(1, id: UUID()), event(2, id: old), event(3)]
                var results: [AppendResult] = []
                for event in events { results.append(try await fixture.log.append([event], to: "a-1")) }
                for number in 0..<20 { try await fixture.log.append([self.event(number)], to: "a-1") }
                try await Task.sleep(for: .milliseconds(400))
                for (event, first) in zip(events, results) {
                    let again = try await fixture.another().append([event], to: "a-1", expected: .any)
                    #expect(again.isDuplicate && again.position == first.position && again.version == first.version)
                }
            }
        }

        @Test("a log that has seen nothing: what must begin a stream that is there is refused, or found again")
        func beginnings() async throws {
            try await LogFixture.withLog { fixture in
                let first = event(1)
                let stored = try await fixture.another().append([first], to: "a-1", expected: .noStream)
                #expect(stored.version == 0 && !stored.isDuplicate)
                let again = try await fixture.another().append([first], to: "a-1", expected: .noStream)
                #expect(again.isDuplicate && again.position == stored.position && again.version == 0)
                let error = await #expect(throws: EventLogError.self) {
                    try await fixture.another().append([event(2)], to: "a-1", expected: .noStream)
                }
                #expect(error?.code == .conflict)
                // All or none, also if only one of the streams is there.
                let pair = await #expect(throws: EventLogError.self) {
                    try await fixture.another().append([
                        StreamAppend("b-1", [event(3)], expected: .noStream),
                        StreamAppend("a-1", [event(4)], expected: .noStream),
                    ])
                }
                #expect(pair?.code == .conflict)
                let other = try await fixture.another().append([event(5)], to: "b-1", expected: .noStream)
                #expect(other.version == 0)
            }
        }

        @Test(
            "E1 an append that is repeated with the version that it made itself is found, however long ago it was stored",
            arguments: [true, false])
        func repetitionsBehindThemselves(tellsTime: Bool) async throws {
            try await LogFixture.withLog({ $0.duplicateWindow = .milliseconds(200) }) { fixture in
                try await fixture.log.append([event(0)], to: "a-1", expected: .noStream)
                let repeated = event(1, id: tellsTime ? nil : UUID())
                let first = try await fixture.log.append([repeated], to: "a-1", expected: .exact(0))
                try await Task.sleep(for: .milliseconds(400))
                let again = try await fixture.another().append([repeated], to: "a-1", expected: .exact(1))
                #expect(again.isDuplicate && again.position == first.position && again.version == 1)
                #expect(try await fixture.log.frontier().position == 2)
            }
        }

        @Test("E1 several processes append the same events to several streams at once: they are stored once")
        func repetitionsAtOnce() async throws {
            try await LogFixture.withLog { fixture in
                let logs = (0..<4).map { _ in fixture.another() }
                for number in 0..<50 {
                    let appends = [
                        StreamAppend("a-1", [event(number)]),
                        StreamAppend(StreamName(category: "b", id: "\(number % 3)"), [event(number)]),
                    ]
                    let results = try await withThrowingTaskGroup(of: [AppendResult].self) { tasks in
                        for log in logs { tasks.addTask { try await log.append(appends) } }
                        return try await tasks.reduce(into: []) { $0.append($1) }
                    }
                    #expect(Set(results.map { $0.map(\.position) }).count == 1)
                    #expect(results.count { !$0[0].isDuplicate } == 1)
                }
                #expect(try await fixture.log.frontier().position == 100)
            }
        }

        @Test("a batch with ids of another stream is refused and names those alone, and nothing of it is stored")
        func batchesWithKnownIDs() async throws {
            try await LogFixture.withLog { fixture in
                let known = [event(1), event(2)]
                try await fixture.log.append(known, to: "a-1", expected: .any)
                try await fixture.log.append([event(3)], to: "b-1")
                let error = await #expect(throws: EventLogError.self) {
                    try await fixture.log.append(inOrder: [
                        StreamEvent("c-1", event(4)), StreamEvent("b-1", known[1]), StreamEvent("b-1", event(5)),
                        StreamEvent("c-1", known[0]), StreamEvent("d-1", event(6)),
                    ])
                }
                #expect(error?.code == .knownEvents)
                #expect(error?.eventIDs == known.map(\.id))
                #expect(try await fixture.log.frontier().position == 3)
            }
        }

        @Test("an event that is dated in the future has an id of now, which is looked for like any other")
        func futureEvents() async throws {
            try await LogFixture.withLog({ $0.duplicateWindow = .milliseconds(200) }) { fixture in
                let future = NewEvent(
                    type: "Planned", data: Array("{}".utf8), occurredAt: Timestamp.now().advanced(by: .seconds(86_400)))
                #expect(try #require(future.id.madeAt) <= Timestamp.now())
                let first = try await fixture.log.append([future], to: "a-1")
                try await Task.sleep(for: .milliseconds(400))
                let again = try await fixture.another().append([future], to: "a-1", expected: .any)
                #expect(again.isDuplicate && again.position == first.position)
            }
        }

        @Test("a log that was deleted and created anew is noticed by an append that knew the old one")
        func recreatedLogs() async throws {
            try await LogFixture.withLog { fixture in
                for number in 0..<5 { try await fixture.log.append([event(number)], to: "a-1") }
                try await JetStream(fixture.client).deleteStream(fixture.log.streamName)
                let other = fixture.another()
                try await other.prepare()
                try await other.append([event(10)], to: "a-1")
                let error = await #expect(throws: EventLogError.self) {
                    try await fixture.log.append([event(11)], to: "a-1", expected: .any)
                }
                #expect(error?.code == .unusableLog)
                #expect(try await other.frontier().position == 1)
            }
        }

        @Test("a log without room refuses an append as one that can be tried again, and takes it when there is room")
        func fullLogs() async throws {
            try await LogFixture.withLog({ $0.appendTimeout = .milliseconds(500) }) { fixture in
                let jetStream = JetStream(fixture.client)
                var settings = try await jetStream.streamInfo(fixture.log.streamName).configuration
                settings.maximumBytes = 2_000
                _ = try await jetStream.updateStream(settings)
                var refused: NewEvent?
                var count = 0
                while refused == nil {
                    let next = event(count)
                    do throws(any Error) {
                        try await fixture.log.append([next], to: "a-1", expected: .any)
                        count += 1
                    } catch let error as EventLogError {
                        #expect(error.code == .unavailable)
                        refused = next
                    }
                }
                settings.maximumBytes = 1 << 20
                _ = try await jetStream.updateStream(settings)
                let result = try await fixture.log.append([try #require(refused)], to: "a-1", expected: .any)
                #expect(result.version == Int64(count) && !result.isDuplicate)
            }
        }

        @Test("4.7 a leader that was cut off says that a stream is shorter: no conflict is made of that")
        func leadersThatWereCutOff() async throws {
            try await withNATSCluster(isPartable: true) { cluster in
                try await LogFixture.withClient(cluster.urls) { client in
                    try await LogFixture.withLog(client) { fixture in
                        let stream = fixture.log.streamName
                        try await fixture.log.append([event(0)], to: "a-1", expected: .noStream)
                        let leader = try await cluster.waitForLeader(ofStream: stream)
                        try await cluster.waitUntilCurrent(stream: stream)
                        try await LogFixture.withClient([leader.url]) { client in
                            let old = JetStreamEventLog(
                                client, stream: stream, configuration: fixture.log.configuration,
                                logger: LogFixture.logger)
                            #expect(try await old.frontier().position == 1)
                            cluster.cutOff(leader)
                            _ = try await cluster.waitForLeader(ofStream: stream, otherThan: leader)
                            let others = cluster.servers.filter { $0.url != leader.url }.map(\.url)
                            try await LogFixture.withClient(others) { client in
                                let log = JetStreamEventLog(
                                    client, stream: stream, configuration: fixture.log.configuration,
                                    logger: LogFixture.logger)
                                for number in 1...3 { try await log.append([event(number)], to: "a-1", expected: .any) }
                            }
                            let last = event(9)
                            var result: AppendResult?
                            while result == nil {
                                do throws(any Error) {
                                    result = try await old.append([last], to: "a-1", expected: .exact(3))
                                } catch let error as EventLogError {
                                    // Not that the stream is at version 0.
                                    #expect(error.code == .unavailable)
                                    cluster.mend()
                                }
                            }
                            #expect(result?.version == 4)
                        }
                    }
                }
            }
        }

        @Test("5 many writers of hot streams: each event once, versions without a gap, whoever was in the way")
        func hotStreams() async throws {
            try await LogFixture.withLog({ $0.appendTimeout = .seconds(90) }) { fixture in
                let acknowledged = try await withThrowingTaskGroup(of: [UUID].self) { tasks in
                    for writer in 0..<8 {
                        let log = writer.isMultiple(of: 2) ? fixture.log : fixture.another()
                        tasks.addTask {
                            var ids: [UUID] = []
                            for number in 0..<25 {
                                let events = (0...(number % 3)).map { event(writer * 1_000 + number * 10 + $0) }
                                if number % 5 == 0 {
                                    try await log.append([
                                        StreamAppend("hot-1", events), StreamAppend("hot-2", [event(number)]),
                                    ])
                                } else {
                                    try await log.append(
                                        events, to: StreamName("hot-\(number % 2 + 1)"), expected: .any)
                                }
                                ids += events.map(\.id)
                            }
                            return ids
                        }
                    }
                    return try await tasks.reduce(into: []) { $0 += $1 }
                }
                let all = try await fixture.log.read(after: .beginning, limit: 10_000).events
                #expect(Set(all.map(\.id)).isSuperset(of: acknowledged))
                #expect(Set(all.map(\.id)).count == all.count)
                #expect(all.map(\.position) == Array(1...Int64(all.count)))
                for (_, events) in Dictionary(grouping: all, by: \.stream) {
                    #expect(events.map(\.version) == Array(0..<Int64(events.count)))
                }
            }
        }

        @Test("4.8 an append that meets a server that is away is stored when it is back, once")
        func serverRestarts() async throws {
            try await withNATSServer(.jetStream) { server in
                try await LogFixture.withClient([server.url]) { client in
                    try await LogFixture.withLog(client) { fixture in
                        try await fixture.log.append([event(0)], to: "a-1")
                        let appends = Task {
                            var count = 0
                            for number in 1...200 {
                                try await fixture.log.append(
                                    [event(number)], to: StreamName("a-\(number % 3)"), expected: .any)
                                count += 1
                            }
                            return count
                        }
                        while try await fixture.log.frontier().position < 50 { await Task.yield() }
                        try await server.restart(killing: true) { _ in }
                        #expect(try await appends.value == 200)
                        let all = try await fixture.log.read(after: .beginning, limit: 1_000).events
                        #expect(all.count == 201)
                        #expect(Set(all.map(\.id)).count == 201)
                    }
                }
            }
        }
    }
#endif
