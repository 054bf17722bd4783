import Hindsight
import HindsightPostgres
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Reading the log", .timeLimit(.minutes(4)))
struct ReadLogTests {
    private static let strange = "o'Neil \\ \"x\" \u{e9}"

    /// 3,000 events: types A and B in turn, one in 500 Rare, in three categories.
    private func withEvents(_ body: (LogFixture, [RecordedEvent]) async throws -> Void) async throws {
        try await LogFixture.withLog { fixture in
            let events = (0..<3_000).map { number in
                let type = number % 500 == 250 ? "Rare" : number % 2 == 0 ? "A" : Self.strange
                let category = number % 3 == 0 ? "order" : number % 3 == 1 ? "ordering" : Self.strange
                return StreamEvent(
                    StreamName(category: category, id: number % 10), LogFixture.event(number, type: type))
            }
            try await fixture.log.append(inOrder: events)
            let all = try await fixture.log.events(withIDs: events.map(\.event.id))
            #expect(all.map(\.data) == events.map(\.event.data))
            try await body(fixture, all)
        }
    }

    private static let filters: [EventFilter] = [
        .all, .types(["A"]), .types(["Rare"]), .types(["A", "Rare"]), .types([strange, "Rare", "None"]),
        .types(["None"]),
        .types(["None", "Never"]), .types([]), .types(["Rare", "Rare", "A", "A"]), .category("order"),
        .category(strange),
        .category("none"), .category(""),
    ]

    private func isWanted(_ event: RecordedEvent, _ filter: EventFilter) -> Bool {
        switch filter {
        case .all: true
        case .types(let types): types.contains(event.type)
        case .category(let category): event.stream.category == category
        }
    }

    @Test("every filter, by every size of batch", arguments: filters)
    func filtered(_ filter: EventFilter) async throws {
        try await withEvents { fixture, all in
            let wanted = all.filter { isWanted($0, filter) }
            for limit in [1_000_000, 1_500, 500, 499, 100, 7] {
                // A frontier that is looked for each time, and one that is known.
                var reader = LogReader(fixture.log, filter: filter, limit: limit)
                let last = try await reader.readAll()
                #expect(reader.seen == wanted)
                #expect(last.through == all.last?.offset && last.frontier == all.last?.offset && !last.isHeld)
                var offset = Offset.beginning
                var found: [RecordedEvent] = []
                while offset.position < last.frontier.position {
                    let batch = try await fixture.log.read(
                        after: offset, through: last.frontier, filter: filter, limit: limit)
                    #expect(batch.events.count <= limit && batch.through.position > offset.position)
                    #expect(batch.through.anchor == all.first { $0.position == batch.through.position }?.id)
                    found += batch.events
                    offset = batch.through
                }
                #expect(found == wanted)
            }
        }
    }

    @Test("a batch reaches to its last event when it is full, else over all that it passed")
    func through() async throws {
        try await withEvents { fixture, all in
            let rare = all.filter { $0.type == "Rare" }
            for frontier in [nil, all.last?.offset] {
                let full = try await fixture.log.read(
                    after: .beginning, through: frontier, filter: .types(["Rare"]), limit: 2)
                #expect(full.events == Array(rare[..<2]) && full.through == rare[1].offset && !full.isAtFrontier)
                let rest = try await fixture.log.read(
                    after: full.through, through: frontier, filter: .types(["Rare"]), limit: 100)
                #expect(rest.events == Array(rare[2...]) && rest.through == all.last?.offset && rest.isAtFrontier)
                let none = try await fixture.log.read(
                    after: rest.through, through: frontier, filter: .types(["Rare"]), limit: 100)
                #expect(none.events.isEmpty && none.through == rest.through && none.isAtFrontier)
            }
        }
    }

    @Test func aKnownFrontierIsNotPassed() async throws {
        try await withEvents { fixture, all in
            let frontier = all[1_234].offset
            for filter in Self.filters {
                var offset = Offset.beginning
                var found: [RecordedEvent] = []
                while offset.position < frontier.position {
                    let batch = try await fixture.log.read(after: offset, through: frontier, filter: filter, limit: 600)
                    #expect(batch.frontier == frontier && batch.through.position <= frontier.position)
                    found += batch.events
                    offset = batch.through
                }
                #expect(found == all[...1_234].filter { isWanted($0, filter) })
                #expect(offset == frontier)
            }
        }
    }

    @Test("seeking rare types and scanning dense ones give the same events")
    func seekAndScan() async throws {
        try await withEvents { fixture, all in
            let filter = EventFilter.types(["Rare", "None"])
            let wanted = all.filter { isWanted($0, filter) }
            let frontier = try #require(all.last?.offset)
            // A log object that has read nothing yet scans; what it finds makes it seek.
            try await fixture.withAnotherLog { log in
                let scanned = try await log.read(after: .beginning, through: frontier, filter: filter, limit: 500)
                #expect(scanned.events == wanted.filter { $0.position <= scanned.through.position })
                #expect(scanned.through.position < frontier.position)
                for limit in [2, 499, 500, 2_000] {
                    var offset = Offset.beginning
                    var found: [RecordedEvent] = []
                    while offset.position < frontier.position {
                        let batch = try await log.read(after: offset, through: frontier, filter: filter, limit: limit)
                        found += batch.events
                        offset = batch.through
                    }
                    #expect(found == wanted)
                }
            }
        }
    }

    @Test func backwardFromTheFrontierOrAPosition() async throws {
        try await withEvents { fixture, all in
            for filter in Self.filters {
                let wanted = all.filter { isWanted($0, filter) }
                let last = try await fixture.log.readBackward(filter: filter, limit: 5)
                #expect(last == wanted.suffix(5).reversed())
                let middle = all[1_500].position
                let before = wanted.filter { $0.position <= middle }
                let found = try await fixture.log.readBackward(from: middle, filter: filter, limit: 2_000)
                #expect(found == before.reversed())
            }
            #expect(try await fixture.log.readBackward(from: 0, limit: 5).isEmpty)
        }
    }

    @Test func theOffsetBeforeAPositionIsThatOfTheEventBelowIt() async throws {
        try await withEvents { fixture, all in
            let log = fixture.log
            try await fixture.script("delete from hindsight.events where version between 20 and 29")
            let kept = try await log.events(withIDs: all.map(\.id))
            for position in [
                0, 1, all[5].position, all[250].position, all[299].position, all[2_999].position + 1, .max,
            ] {
                let expected = kept.last { $0.position < position }?.offset ?? .beginning
                #expect(try await log.offset(before: position) == expected)
            }
            #expect(try await log.offset(before: .min) == .beginning)
        }
    }

    @Test func theOffsetBeforeATime() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            let events = (1...10).map { number in
                var event = LogFixture.event(number)
                event.recordedAt = Timestamp(microsecondsSince1970: Int64(number) * 1_000_000)
                return event
            }
            try await log.append(events, to: "a-1")
            let all = try await log.readStream("a-1")
            func offset(_ seconds: Double) async throws -> Offset {
                try await log.offset(recordedBefore: Timestamp(microsecondsSince1970: Int64(seconds * 1_000_000)))
            }
            #expect(try await offset(0) == .beginning)
            #expect(try await offset(1) == .beginning)
            #expect(try await offset(1.5) == all[0].offset)
            #expect(try await offset(7) == all[5].offset)
            #expect(try await offset(7.000_001) == all[6].offset)
            #expect(try await offset(11) == all[9].offset)
        }
    }

    @Test("A time is found although appends that overlap were recorded out of order, and although there are holes")
    func theOffsetBeforeATimeAmongOverlappingAppends() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            var seconds = (1...200).map { Int64($0) }
            // Each of these was held up for some seconds between its position and its time.
            for index in [3, 50, 51, 120, 197] { seconds[index] += 6 }
            let events = seconds.map { second in
                var event = LogFixture.event(Int(second))
                event.recordedAt = Timestamp(microsecondsSince1970: second * 1_000_000)
                return event
            }
            try await log.append(events, to: "a-1")
            try await fixture.script("delete from hindsight.events where position between 60 and 110")
            try await fixture.drawPositions(through: 5_000_000)
            let late = (201...220).map { second in
                var event = LogFixture.event(second)
                event.recordedAt = Timestamp(microsecondsSince1970: Int64(second) * 1_000_000)
                return event
            }
            try await log.append(late, to: "a-1")
            let all = try await log.read(after: .beginning, limit: 1_000).events
            #expect(all.count == 200 - 51 + 20)
            for second in 0...222 {
                let time = Timestamp(microsecondsSince1970: Int64(second) * 1_000_000)
                let first = all.firstIndex { $0.recordedAt >= time } ?? all.endIndex
                let expected = first == 0 ? Offset.beginning : all[first - 1].offset
                #expect(try await log.offset(recordedBefore: time) == expected, "second \(second)")
            }
        }
    }

    @Test func theLagIsCountedUpToALimit() async throws {
        try await withEvents { fixture, all in
            let head = all[2_999].position
            for filter in Self.filters {
                let left = Int64(all.filter { isWanted($0, filter) }.count)
                for limit in [0, 1, left - 1, left, left + 1] where limit >= 0 {
                    let lag = try await fixture.log.lag(after: 0, through: head, filter: filter, limit: limit)
                    #expect(lag.events == min(left, limit) && lag.isExact == (left <= limit), "\(filter), \(limit)")
                }
            }
        }
    }

    @Test func anEmptyLog() async throws {
        try await LogFixture.withLog { fixture in
            let log = fixture.log
            for filter in Self.filters {
                let batch = try await log.read(after: .beginning, filter: filter, limit: 10)
                #expect(batch.events.isEmpty && batch.through == .beginning && batch.isAtFrontier && !batch.isHeld)
            }
            #expect(try await log.frontier() == .beginning)
            #expect(try await log.readBackward(limit: 10).isEmpty)
            #expect(try await log.offset(before: 5) == .beginning)
            #expect(try await log.offset(recordedBefore: .now()) == .beginning)
            #expect(try await log.events(withIDs: [UUID()]).isEmpty)
            #expect(try await log.lag(after: 0, through: 0, filter: .all) == .none)
        }
    }

    @Test func aLimitOfNothingGivesNothingAndMovesNowhere() async throws {
        try await withEvents { fixture, all in
            let batch = try await fixture.log.read(after: all[3].offset, limit: 0)
            #expect(batch.events.isEmpty && batch.through == all[3].offset)
        }
    }

    @Test func theLagCountsWhatAReaderHasYetToSee() async throws {
        try await withEvents { fixture, all in
            let head = all[2_999].position
            for filter in Self.filters {
                for start in [0, 1_000, 2_999] {
                    let left = all[(start + 1)...].filter { isWanted($0, filter) }
                    let lag = try await fixture.log.lag(after: all[start].position, through: head, filter: filter)
                    #expect(lag.events == Int64(left.count) && lag.isExact)
                    #expect(left.isEmpty ? lag.seconds == 0 : lag.seconds > 0)
                }
            }
        }
    }

    @Test("a log that was not migrated says so")
    func notMigrated() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.withAnotherLog({ $0.schema = "missing" }) { log in
                let error = try await #require(throws: EventLogError.self) {
                    try await log.read(after: .beginning, limit: 1)
                }
                #expect(error.code == .unusableLog && error.description.contains("missing"))
            }
        }
    }
}
