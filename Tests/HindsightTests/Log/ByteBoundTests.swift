import Hindsight
import HindsightPostgres
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// However large events are, no reader is handed more bytes at once than it asked for, but for a single event that is larger.
@Suite("Reads are cut by bytes", .timeLimit(.minutes(3)))
struct ByteBoundTests {
    private static let bound = 1 << 20
    private static let filters: [EventFilter] = [
        .all, .types(["Large"]), .types(["Large", "Small"]), .category("a"),
    ]

    /// Events of 400 kB that can be compressed to nearly nothing or hardly at all, small ones between them, and one that is
    /// larger than the bound.
    private func withEvents(_ body: (LogFixture, [Int64]) async throws -> Void) async throws {
        try await LogFixture.withLog { fixture in
            var random = SystemRandomNumberGenerator()
            for number in 0..<12 {
                let size = number == 6 ? 3 << 20 : 400_000
                let text =
                    number.isMultiple(of: 2)
                    ? String(repeating: "x", count: size)
                    : String(
                        decoding: (0..<size).map { _ in UInt8.random(in: 97...122, using: &random) }, as: UTF8.self)
                try await fixture.log.append(
                    [
                        NewEvent(type: "Large", data: Array("{\"text\":\"\(text)\"}".utf8)),
                        LogFixture.event(number, type: "Small"), LogFixture.event(number, type: "Small"),
                    ], to: "a-1")
            }
            let positions = try await fixture.pool.withSession { session in
                try session.query("select position from hindsight.events order by position").map {
                    try $0.decode(0, as: Int64.self)
                }
            }
            #expect(positions.count == 36)
            try await body(fixture, positions)
        }
    }

    private func wanted(_ filter: EventFilter, _ positions: [Int64]) -> [Int64] {
        filter == .types(["Large"]) ? positions.filter { $0 % 3 == 1 } : positions
    }

    private func check(_ events: [RecordedEvent], _ what: Comment) {
        let bytes = events.reduce(0) { $0 + $1.byteCount }
        #expect(bytes <= Self.bound || events.count == 1, "\(what): \(bytes) bytes in \(events.count) events")
        for event in events { #expect(event.data.first == UInt8(ascii: "{") && event.data.last == UInt8(ascii: "}")) }
    }

    @Test(arguments: [1, 10, 499, 500, 10_000])
    func theLog(limit: Int) async throws {
        try await withEvents { fixture, positions in
            let goal = try await fixture.log.frontier()
            for filter in Self.filters {
                for known in [nil, goal] {
                    var offset = Offset.beginning
                    var found: [RecordedEvent] = []
                    repeat {
                        let batch = try await fixture.log.read(
                            after: offset, through: known, filter: filter, limit: limit, maximumBytes: Self.bound)
                        check(batch.events, "\(filter), \(limit), \(known == nil ? "at the head" : "known")")
                        #expect(batch.events.last.map { $0.position <= batch.through.position } ?? true)
                        try #require(batch.through.position > offset.position)
                        found += batch.events
                        offset = batch.through
                    } while offset.position < goal.position
                    #expect(found.map(\.position) == wanted(filter, positions))
                }
            }
        }
    }

    @Test func theLogBackward() async throws {
        try await withEvents { fixture, positions in
            for filter in Self.filters {
                var next: Int64?
                var found: [RecordedEvent] = []
                while true {
                    let page = try await fixture.log.readBackward(
                        from: next, filter: filter, limit: 1_000, maximumBytes: Self.bound)
                    check(page.events, "backward")
                    found += page.events
                    guard page.isCut, let last = page.events.last else { break }
                    next = last.position - 1
                }
                #expect(found.map(\.position) == wanted(filter, positions).reversed())
                #expect(try await fixture.log.readBackward(filter: filter, limit: 1_000).count == found.count)
            }
        }
    }

    @Test(arguments: [false, true])
    func aStream(backward: Bool) async throws {
        try await withEvents { fixture, _ in
            var next: Int64?
            var versions: [Int64] = []
            while true {
                let page = try await fixture.log.readStream(
                    "a-1", from: next, backward: backward, limit: .max, maximumBytes: Self.bound)
                check(page.events, "a stream")
                versions += page.events.map(\.version)
                guard page.isCut, let last = page.events.last else { break }
                next = last.version + (backward ? -1 : 1)
            }
            let expected = (0..<36).map { Int64($0) }
            #expect(versions == (backward ? expected.reversed() : expected))
            #expect(try await fixture.log.readStream("a-1", backward: backward).map(\.version) == versions)
        }
    }

    @Test func eventsByTheirIDs() async throws {
        try await withEvents { fixture, positions in
            let ids = try await fixture.log.readStream("a-1").map(\.id)
            var found: [RecordedEvent] = []
            while true {
                let page = try await fixture.log.events(
                    withIDs: ids.shuffled(), after: found.last?.position ?? 0, maximumBytes: Self.bound)
                check(page.events, "ids")
                found += page.events
                guard page.isCut else { break }
            }
            #expect(found.map(\.position) == positions)
            #expect(try await fixture.log.events(withIDs: ids).map(\.id) == ids)
        }
    }

    @Test func aRange() async throws {
        try await withEvents { fixture, positions in
            let buffer = RawEventBuffer()
            var position: Int64 = 0
            var found: [Int64] = []
            while position < 36 {
                try await fixture.log.read(
                    after: position, through: 36, filter: .all, fields: [], maximumBytes: Self.bound, into: buffer)
                #expect(buffer.byteCount <= Self.bound || buffer.events.count == 1)
                found += buffer.events.map(\.position)
                position = buffer.through
            }
            #expect(found == positions)
        }
    }

    @Test("the fallback of a log that has whole events alone keeps to the bound, too")
    func aRangeOfAnotherLog() async throws {
        try await withEvents { fixture, positions in
            let buffer = RawEventBuffer()
            var position: Int64 = 0
            var found: [Int64] = []
            while position < 100 {
                try await fixture.log.readPages(
                    after: position, through: 100, filter: .all, maximumBytes: Self.bound, into: buffer)
                #expect(buffer.byteCount <= Self.bound || buffer.events.count == 1)
                found += buffer.events.map(\.position)
                position = buffer.through
            }
            #expect(found == positions)
        }
    }

    @Test func aSubscription() async throws {
        try await withEvents { fixture, _ in
            var options = SubscriptionOptions()
            options.bufferBytes = Self.bound
            let subscription = Subscription(
                log: fixture.log, pool: fixture.pool, options: options, logger: LogFixture.logger)
            let handled = Recorder<Int64>()
            try await subscription.run { event in
                handled.note(event.position)
                if handled.count == 36 { subscription.stop() }
            }
            #expect(handled.count == 36)
        }
    }
}
