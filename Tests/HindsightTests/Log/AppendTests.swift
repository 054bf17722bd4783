import Hindsight
import HindsightPostgres
import Testing

@Suite("Appending", .timeLimit(.minutes(2)))
struct AppendTests {
    /// The ways to append to one stream.
    enum Way: CaseIterable, CustomTestStringConvertible {
        case oneEvent
        case twoEvents
        case besideAnotherStream
        case inTransaction
        case twoEventsInTransaction

        var testDescription: String { "\(self)" }

        func append(to stream: StreamName, expected: ExpectedVersion, _ fixture: LogFixture) async throws
            -> AppendResult
        {
            let log = fixture.log
            switch self {
            case .oneEvent:
                return try await log.append(LogFixture.event(1), to: stream, expected: expected)
            case .twoEvents:
                return try await log.append([LogFixture.event(1), LogFixture.event(2)], to: stream, expected: expected)
            case .besideAnotherStream:
                return try await log.append([
                    StreamAppend("beside-1", [LogFixture.event(1)]),
                    StreamAppend(stream, [LogFixture.event(2)], expected: expected),
                ])[1]
            case .inTransaction:
                return try await log.withTransaction {
                    try log.append([LogFixture.event(1)], to: stream, expected: expected, in: &$0)
                }
            case .twoEventsInTransaction:
                return try await log.withTransaction {
                    try log.append([LogFixture.event(1), LogFixture.event(2)], to: stream, expected: expected, in: &$0)
                }
            }
        }

        var count: Int64 {
            switch self {
            case .oneEvent, .besideAnotherStream, .inTransaction: 1
            case .twoEvents, .twoEventsInTransaction: 2
            }
        }
    }

    @Test func versionsCountFromZeroAndPositionsGrow() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let first = try await log.append([LogFixture.event(0), LogFixture.event(1)], to: "order-1")
            let second = try await log.append(LogFixture.event(2), to: "order-1")
            let other = try await log.append(LogFixture.event(0), to: "order-2")
            #expect(first.version == 1 && second.version == 2 && other.version == 0)
            #expect(!first.isDuplicate && !second.isDuplicate && !other.isDuplicate)
            #expect(first.position < second.position && second.position < other.position)
            let stream = try await log.readStream("order-1")
            #expect(stream.map(\.version) == [0, 1, 2])
            #expect(stream[1].position == first.position && stream[2].position == second.position)
            #expect(stream[0].position < stream[1].position)
        }
    }

    @Test("an expected version that holds", arguments: Way.allCases)
    func expectedVersionHolds(_ way: Way) async throws {
        try await LogFixture.withLog { fixture in
            let fresh: [ExpectedVersion] = [.any, .noStream]
            for (number, expected) in fresh.enumerated() {
                let result = try await way.append(
                    to: StreamName(category: "new", id: number), expected: expected, fixture)
                #expect(result.version == way.count - 1)
            }
            let known: [ExpectedVersion] = [.any, .exists, .exact(2)]
            for (number, expected) in known.enumerated() {
                let stream = StreamName(category: "old", id: number)
                try await fixture.log.append((0..<3).map { LogFixture.event($0) }, to: stream)
                #expect(try await way.append(to: stream, expected: expected, fixture).version == 2 + way.count)
            }
        }
    }

    @Test("a conflict names stream, expected and actual version, and stores nothing", arguments: Way.allCases)
    func conflict(_ way: Way) async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.log.append((0..<3).map { LogFixture.event($0) }, to: "old-1")
            let cases: [(StreamName, ExpectedVersion, Int64)] = [
                ("new-1", .exists, -1), ("new-1", .exact(0), -1), ("old-1", .noStream, 2), ("old-1", .exact(1), 2),
                ("old-1", .exact(3), 2), ("old-1", .exact(.max), 2),
            ]
            for (stream, expected, actual) in cases {
                let error = try await #require(throws: EventLogError.self) {
                    try await way.append(to: stream, expected: expected, fixture)
                }
                #expect(error.code == .conflict)
                #expect(error.stream == stream)
                #expect(error.expected == expected)
                #expect(error.actualVersion == actual)
                #expect(error.description.contains(stream.rawValue))
                #expect(!error.isRetriable)
            }
            #expect(try await fixture.storedCount() == 3)
        }
    }

    @Test func severalStreamsGetTheirResultsInTheCallersOrder() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await log.append([LogFixture.event(0), LogFixture.event(1)], to: "b-1")
            let results = try await log.append([
                StreamAppend(
                    "c-1", [LogFixture.event(1), LogFixture.event(2), LogFixture.event(3)], expected: .noStream),
                StreamAppend("a-1", [LogFixture.event(4)]),
                StreamAppend("b-1", [LogFixture.event(5)], expected: .exact(1)),
            ])
            #expect(results.map(\.version) == [2, 0, 2])
            for (stream, result) in zip(["c-1", "a-1", "b-1"] as [StreamName], results) {
                let last = try #require(try await log.readStream(stream, backward: true, limit: 1).first)
                #expect(last.version == result.version && last.position == result.position)
            }
            // One commit: the log has them in the order of the call.
            var reader = LogReader(log)
            try await reader.readAll()
            #expect(reader.seen.suffix(5).map(\.stream) == ["c-1", "c-1", "c-1", "a-1", "b-1"])
        }
    }

    @Test func oneConflictAmongSeveralStreamsStoresNothingOfAny() async throws {
        try await LogFixture.withLog { fixture in
            let error = try await #require(throws: EventLogError.self) {
                try await fixture.log.append([
                    StreamAppend("c-1", [LogFixture.event(1), LogFixture.event(2)]),
                    StreamAppend("b-1", [LogFixture.event(3)], expected: .exact(5)),
                    StreamAppend("a-1", [LogFixture.event(4)]),
                ])
            }
            #expect(error.code == .conflict && error.stream == "b-1")
            #expect(error.expected == .exact(5) && error.actualVersion == -1)
            #expect(try await fixture.storedCount() == 0)
        }
    }

    @Test func eventsOfSeveralStreamsKeepTheOrderOfAnImport() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await log.append(LogFixture.event(-1), to: "a-1")
            let events = (0..<300).map { StreamEvent(["c-1", "a-1", "b-1"][$0 % 7 % 3], LogFixture.event($0)) }
            let last = try await log.append(inOrder: events)
            var reader = LogReader(log)
            try await reader.readAll()
            #expect(reader.seen.dropFirst().map(\.id) == events.map(\.event.id))
            #expect(reader.seen.dropFirst().map(\.stream) == events.map(\.stream))
            #expect(reader.seen.last?.position == last)
            for stream in ["a-1", "b-1", "c-1"] as [StreamName] {
                let found = try await log.readStream(stream)
                #expect(found.map(\.version) == (0..<Int64(found.count)).map { $0 })
            }
        }
    }

    @Test func oneOfManyWritersWinsAnExactVersion() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.log.append(LogFixture.event(0), to: "order-1")
            try await fixture.withAnotherLog { other in
                let logs = [fixture.log, other]
                let outcomes = await withTaskGroup(of: Result<AppendResult, any Error>.self) { tasks in
                    for number in 1...20 {
                        tasks.addTask {
                            do {
                                return .success(
                                    try await logs[number % 2].append(
                                        LogFixture.event(number), to: "order-1", expected: .exact(0)))
                            } catch {
                                return .failure(error)
                            }
                        }
                    }
                    return await tasks.reduce(into: []) { $0.append($1) }
                }
                var winners = 0
                for outcome in outcomes {
                    switch outcome {
                    case .success(let result):
                        winners += 1
                        #expect(result.version == 1)
                    case .failure(let error):
                        let error = try #require(error as? EventLogError)
                        #expect(error.code == .conflict && error.actualVersion == 1)
                    }
                }
                #expect(winners == 1)
                #expect(try await fixture.storedCount() == 2)
            }
        }
    }

    @Test func namesThatOnlyLookAlikeAreDifferentStreams() async throws {
        try await LogFixture.withLog { fixture in
            let composed = StreamName("caf\u{e9}-1")
            let decomposed = StreamName("cafe\u{301}-1")
            let log = fixture.log
            try await log.append(LogFixture.event(1), to: composed, expected: .noStream)
            try await log.append(LogFixture.event(2), to: decomposed, expected: .noStream)
            try await log.append([
                StreamAppend(decomposed, [LogFixture.event(3)]), StreamAppend(composed, [LogFixture.event(4)]),
            ])
            try await log.append(inOrder: [
                StreamEvent(composed, LogFixture.event(5)), StreamEvent(decomposed, LogFixture.event(6)),
            ])
            #expect(try await log.readStream(composed).map(\.data) == [1, 4, 5].map { LogFixture.event($0).data })
            #expect(try await log.readStream(decomposed).map(\.data) == [2, 3, 6].map { LogFixture.event($0).data })
        }
    }

    @Test func aStreamBelongsToTheCategoryBeforeItsFirstDash() {
        #expect(StreamName("order-1-2").category == "order" && StreamName("order-1-2").id == "1-2")
        #expect(StreamName("order").category == "order" && StreamName("order").id == "")
        #expect(StreamName("-1").category == "" && StreamName("-1").id == "1")
        #expect(StreamName(category: "order", id: 7).rawValue == "order-7")
    }

    @Test(arguments: [
        ("any", ExpectedVersion.any), ("no-stream", .noStream), ("exists", .exists), ("0", .exact(0)),
        ("12", .exact(12)),
    ])
    func expectedVersionsHaveAText(_ text: String, _ version: ExpectedVersion) {
        #expect(ExpectedVersion(text) == version)
        #expect(version.description == text)
    }

    @Test(arguments: ["", "-1", "none", "1.5", "9223372036854775808"])
    func otherTextsAreNoExpectedVersion(_ text: String) {
        #expect(ExpectedVersion(text) == nil)
    }
}
