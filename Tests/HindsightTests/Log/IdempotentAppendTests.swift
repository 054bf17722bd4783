import Hindsight
import HindsightPostgres
import HindsightTestSupport
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Appending the same events again", .timeLimit(.minutes(2)))
struct IdempotentAppendTests {
    private func events(_ numbers: ClosedRange<Int>) -> [NewEvent] { numbers.map { LogFixture.event($0) } }

    /// Runs an append that has to name these ids as known, and checks that it stored nothing.
    private func expectKnown(
        _ ids: [UUID], _ fixture: LogFixture, sourceLocation: SourceLocation = #_sourceLocation,
        _ append: () async throws -> Void
    ) async throws {
        let before = try await fixture.storedCount()
        let error = try await #require(throws: EventLogError.self, sourceLocation: sourceLocation) {
            try await append()
        }
        #expect(error.code == .knownEvents, sourceLocation: sourceLocation)
        #expect(Set(error.eventIDs) == Set(ids), sourceLocation: sourceLocation)
        #expect(
            ids.prefix(1).allSatisfy { error.description.contains($0.uuidString.lowercased()) },
            sourceLocation: sourceLocation)
        #expect(try await fixture.storedCount() == before, sourceLocation: sourceLocation)
    }

    @Test("E1: the first result comes back, at any later time and with any expected version")
    func duplicate() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            for events in [events(1...1), events(1...3)] {
                let stream = StreamName(category: "order", id: events.count)
                let first = try await log.append(events, to: stream, expected: .noStream)
                #expect(!first.isDuplicate)
                try await log.append(self.events(10...14), to: stream)
                let stored = try await fixture.storedCount()
                for expected in [ExpectedVersion.any, .noStream, .exists, .exact(0), .exact(2), .exact(1_000)] {
                    let again = try await log.append(events, to: stream, expected: expected)
                    #expect(again == AppendResult(position: first.position, version: first.version, isDuplicate: true))
                    let joined = try await log.withTransaction {
                        try log.append(events, to: stream, expected: expected, in: &$0)
                    }
                    #expect(joined == again)
                }
                #expect(try await fixture.storedCount() == stored)
            }
        }
    }

    @Test func aStretchOfAnEarlierAppendIsADuplicateToo() async throws {
        try await LogFixture.withLog { fixture in
            let events = events(1...4)
            try await fixture.log.append(events, to: "order-1")
            let middle = try await fixture.log.append(Array(events[1...2]), to: "order-1")
            #expect(middle.isDuplicate && middle.version == 2)
        }
    }

    @Test func severalStreamsAreADuplicateAsAWhole() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let appends = [StreamAppend("b-1", events(1...2)), StreamAppend("a-1", events(3...3), expected: .noStream)]
            let first = try await log.append(appends)
            let again = try await log.append(appends)
            #expect(again.map(\.position) == first.map(\.position) && again.map(\.version) == first.map(\.version))
            #expect(again.allSatisfy { $0.isDuplicate })
            // One of them known, the other not: neither an append nor a duplicate.
            try await expectKnown(appends[1].events.map(\.id), fixture) {
                try await log.append([StreamAppend("c-1", events(4...4)), appends[1]])
            }
        }
    }

    @Test("importing the same lines twice stores each event once")
    func imported() async throws {
        try await LogFixture.withLog { fixture in
            let lines = (0..<50).map { StreamEvent(["a-1", "b-1", "a-2"][$0 % 3], LogFixture.event($0)) }
            let last = try await fixture.log.append(inOrder: lines)
            #expect(try await fixture.log.append(inOrder: lines) == last)
            #expect(try await fixture.storedCount() == 50)
            try await expectKnown(lines.map(\.event.id), fixture) {
                try await fixture.log.append(inOrder: lines + [StreamEvent("a-1", LogFixture.event(51))])
            }
        }
    }

    @Test func partlyKnownIsAnErrorThatNamesTheKnown() async throws {
        try await LogFixture.withLog { fixture in
            let known = events(1...2)
            try await fixture.log.append(known, to: "order-1")
            for new in [known + events(3...3), events(3...3) + known, [known[0], LogFixture.event(3), known[1]]] {
                try await expectKnown(known.map(\.id), fixture) { try await fixture.log.append(new, to: "order-1") }
            }
        }
    }

    @Test func otherContentUnderAKnownIdIsAnError() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let known = events(1...2)
            try await log.append(known, to: "order-1")
            var otherData = known
            otherData[1].data = LogFixture.event(3).data
            var otherType = known
            otherType[1].type = "Other"
            let swapped = [known[1], known[0]]
            for events in [otherData, otherType, swapped] {
                try await expectKnown(known.map(\.id), fixture) { try await log.append(events, to: "order-1") }
            }
            for event in [otherData[1], otherType[1]] {
                try await expectKnown([known[1].id], fixture) { try await log.append(event, to: "order-1") }
            }
            try await expectKnown(known.map(\.id), fixture) { try await log.append(known, to: "order-2") }
            try await expectKnown([known[0].id], fixture) { try await log.append(known[0], to: "order-2") }
            // The same events, but of two appends with another one between them.
            let apart = events(5...6)
            try await log.append(apart[0], to: "order-3")
            try await log.append(LogFixture.event(9), to: "order-3")
            try await log.append(apart[1], to: "order-3")
            try await expectKnown(apart.map(\.id), fixture) { try await log.append(apart, to: "order-3") }
        }
    }

    @Test func metadataAndTimesAreNotPartOfAnEventsSameness() async throws {
        try await LogFixture.withLog { fixture in
            let event = LogFixture.event(1)
            try await fixture.log.append(event, to: "order-1")
            var again = event
            again.metadata = Array("{}".utf8)
            again.correlationID = "other"
            again.occurredAt = Timestamp(microsecondsSince1970: 0)
            #expect(try await fixture.log.append(again, to: "order-1").isDuplicate)
            #expect(try await fixture.log.readStream("order-1").map(\.metadata) == [nil])
        }
    }

    @Test func dataThatDiffersOnlyInLineEndsIsTheSame() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let events = ["{\"a\":1,\n\"b\":2}", "{\"a\":1, \"b\":2}", "{\"a\":1,\r\"b\":2}"].map {
                NewEvent(type: "T", data: Array($0.utf8))
            }
            for (number, event) in events.enumerated() {
                let stream = StreamName(category: "order", id: number)
                try await log.append(event, to: stream)
                for other in events {
                    var again = event
                    again.data = other.data
                    #expect(try await log.append(again, to: stream).isDuplicate)
                    #expect(try await log.append([again], to: stream, expected: .noStream).isDuplicate)
                }
                #expect(try await log.readStream(stream).map(\.data) == [event.data])
            }
        }
    }

    @Test("the same event appended by many at once is stored once, and all get its place")
    func concurrent() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.withAnotherLog { other in
                for round in 0..<10 {
                    let events = round % 2 == 0 ? events(1...1) : events(1...3)
                    let stream = StreamName(category: "order", id: round)
                    let results = try await withThrowingTaskGroup(of: AppendResult.self) { tasks in
                        for number in 0..<16 {
                            let log = number % 2 == 0 ? fixture.log : other
                            tasks.addTask { try await log.append(events, to: stream, expected: .noStream) }
                        }
                        return try await tasks.reduce(into: []) { $0.append($1) }
                    }
                    #expect(results.filter { !$0.isDuplicate }.count == 1)
                    #expect(Set(results.map(\.position)).count == 1)
                    #expect(Set(results.map(\.version)) == [Int64(events.count) - 1])
                    #expect(try await fixture.log.readStream(stream).map(\.id) == events.map(\.id))
                }
            }
        }
    }

    @Test("the same event appended to many streams at once is stored in one of them")
    func concurrentInDifferentStreams() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.withAnotherLog { other in
                for round in 0..<10 {
                    let events = round % 2 == 0 ? events(1...1) : events(1...3)
                    let outcomes = await withTaskGroup(of: Result<AppendResult, any Error>.self) { tasks in
                        for number in 0..<8 {
                            let log = number % 2 == 0 ? fixture.log : other
                            tasks.addTask {
                                do {
                                    let stream = StreamName(category: "round\(round)", id: number)
                                    return .success(try await log.append(events, to: stream))
                                } catch {
                                    return .failure(error)
                                }
                            }
                        }
                        return await tasks.reduce(into: []) { $0.append($1) }
                    }
                    var stored = 0
                    for outcome in outcomes {
                        switch outcome {
                        case .success(let result):
                            stored += 1
                            #expect(!result.isDuplicate)
                        case .failure(let error):
                            let error = try #require(error as? EventLogError)
                            #expect(error.code == .knownEvents)
                            #expect(Set(error.eventIDs) == Set(events.map(\.id)))
                        }
                    }
                    #expect(stored == 1)
                    #expect(try await fixture.log.events(withIDs: events.map(\.id)).count == events.count)
                }
            }
        }
    }
}
