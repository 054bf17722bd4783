import Hindsight
import Testing

@Suite("Reading a stream", .timeLimit(.minutes(2)))
struct ReadStreamTests {
    @Test func forwardAndBackwardFromAVersionUpToALimit() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            for number in 0..<10 {
                try await log.append(LogFixture.event(number), to: "a-1")
                try await log.append(LogFixture.event(100 + number), to: "a-2")
            }
            func versions(from version: Int64? = nil, backward: Bool = false, limit: Int = .max) async throws -> [Int64]
            {
                let events = try await log.readStream("a-1", from: version, backward: backward, limit: limit)
                #expect(events.allSatisfy { $0.stream == "a-1" && $0.data == LogFixture.event(Int($0.version)).data })
                return events.map(\.version)
            }
            #expect(try await versions() == Array(0...9))
            #expect(try await versions(limit: 3) == [0, 1, 2])
            #expect(try await versions(from: 7) == [7, 8, 9])
            #expect(try await versions(from: 4, limit: 2) == [4, 5])
            #expect(try await versions(from: 10) == [])
            #expect(try await versions(backward: true) == Array((0...9).reversed()))
            #expect(try await versions(backward: true, limit: 2) == [9, 8])
            #expect(try await versions(from: 3, backward: true) == [3, 2, 1, 0])
            #expect(try await versions(from: 3, backward: true, limit: 1) == [3])
            #expect(try await versions(from: 100, backward: true, limit: 1) == [9])
            #expect(try await versions(from: -1, backward: true) == [])
            #expect(try await versions(limit: 0) == [])
            #expect(try await log.readStream("a-3").isEmpty)
            #expect(try await log.readStream("a").isEmpty)
        }
    }

    @Test func streamsAreFoundByTheirIDInUpToAThousandCategories() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            try await log.append((1...999).map { StreamAppend(StreamName("c\($0)-1"), [LogFixture.event($0)]) })
            try await log.append([LogFixture.event(1_000)], to: "it's-x\"; y")
            #expect(try await log.streams(withID: "1")?.count == 999)
            #expect(try await log.streams(withID: "x\"; y") == ["it's-x\"; y"])
            #expect(try await log.streams(withID: "2") == [])
            try await log.append([LogFixture.event(1_001)], to: "one more")
            #expect(try await log.streams(withID: "1") == nil)
        }
    }

    @Test func aStreamShowsWhatIsCommittedAlsoAboveTheFrontier() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let slow = try await OpenTransaction.begin(in: fixture.pool)
            try await slow.run { _ = try log.append([LogFixture.event(1)], to: "slow-1", in: &$0) }
            try await log.append(LogFixture.event(2), to: "a-1")
            // Who appends to a stream must see all of it; its order is its versions.
            #expect(try await log.readStream("a-1").map(\.version) == [0])
            #expect(try await log.read(after: .beginning, limit: 10).events.isEmpty)
            try await slow.rollBack()
        }
    }
}
