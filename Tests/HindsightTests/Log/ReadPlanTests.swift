import Hindsight
import HindsightPostgres
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How the server finds events: what its own statistics say after each call, on a log of 50,000 events.
@Suite("Query plans", .timeLimit(.minutes(3)))
struct ReadPlanTests {
    /// What calls cost the server.
    private struct Cost {
        /// Scans of the whole table.
        var tableScans: Int64
        /// Events that a scan or an index led to.
        var events: Int64
        /// How often each index was used.
        var indexScans: [String: Int64]
    }

    /// A log whose one connection does everything, so that its statistics are those of the test's calls.
    private struct Meter {
        let log: PostgresEventLog

        func read() async throws -> Cost {
            // Its own unit of work: what is read below must be what was written before.
            try await log.pool.withSession { try $0.execute("select pg_stat_force_next_flush()") }
            return try await log.pool.withSession { session in
                let table = try session.query(
                    """
                    select seq_scan, seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_user_tables
                    where schemaname = 'hindsight' and relname = 'events'
                    """)[0]
                var indexScans: [String: Int64] = [:]
                for row in try session.query(
                    "select indexrelname::text, idx_scan from pg_stat_user_indexes where schemaname = 'hindsight' and relname = 'events'"
                ) {
                    indexScans[try row.decode(0)] = try row.decode(1, as: Int64.self)
                }
                return Cost(tableScans: try table.decode(0), events: try table.decode(1), indexScans: indexScans)
            }
        }

        /// Makes a call often enough that the server also tries a plan for any parameters, and checks what each costs it.
        ///
        /// - Parameters:
        ///   - most: how many events the server may look at.
        ///   - found: what the call has to return.
        func expect(
            _ index: String, events most: Int64, found: Int, _ what: Comment,
            sourceLocation: SourceLocation = #_sourceLocation, _ call: () async throws -> Int
        ) async throws {
            for _ in 0..<8 {
                let before = try await read()
                let result = try await call()
                let after = try await read()
                #expect(result == found, what, sourceLocation: sourceLocation)
                #expect(after.tableScans == before.tableScans, what, sourceLocation: sourceLocation)
                #expect(after.events - before.events <= most, what, sourceLocation: sourceLocation)
                #expect(
                    after.indexScans[index, default: 0] > before.indexScans[index, default: 0], what,
                    sourceLocation: sourceLocation)
            }
        }
    }

    private static let fill = """
        insert into hindsight.events
        select nextval('hindsight.positions'), n / 500, now(), now() - (50000 - n) * interval '1 second', gen_random_uuid(), 1,
            case when n % 100 = 7 then 'small-' else 'big-' end || n % 500,
            case when n % 10000 = 1 then 'Rare' when n % 2 = 0 then 'Even' else 'Odd' end, null, null, '{}', null
        from generate_series(0, 49999) n
        """

    private func withMeter(_ body: (Meter, PostgresEventLog) async throws -> Void) async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.script(Self.fill)
            try await fixture.script("vacuum analyze hindsight.events")
            try await fixture.withAnotherLog(maximumConnections: 1) { log in
                _ = try await log.identity()
                try await body(Meter(log: log), log)
            }
        }
    }

    @Test func aStream() async throws {
        try await withMeter { meter, log in
            let stream: StreamName = "big-11"
            let index = "events_stream_version_key"
            try await meter.expect(index, events: 100, found: 100, "forward") {
                try await log.readStream(stream).count
            }
            try await meter.expect(index, events: 10, found: 10, "from a version") {
                try await log.readStream(stream, from: 90).count
            }
            try await meter.expect(index, events: 1, found: 1, "the last one") {
                try await log.readStream(stream, backward: true, limit: 1).count
            }
            try await meter.expect(index, events: 0, found: 0, "none") {
                try await log.readStream("big-none").count
            }
        }
    }

    @Test func positions() async throws {
        try await withMeter { meter, log in
            let index = "events_pkey"
            let frontier = try await log.frontier()
            try await meter.expect(index, events: 1, found: 50_000, "the frontier") {
                Int(try await log.frontier().position)
            }
            try await meter.expect(index, events: 1, found: 24_999, "an offset") {
                Int(try await log.offset(before: 25_000).position)
            }
            try await meter.expect(index, events: 1, found: 0, "an anchor") {
                try await log.verify(frontier)
                return 0
            }
            let recent = try await log.readBackward(from: 25_000, limit: 1)[0].recordedAt
            try await meter.expect(index, events: 60, found: 24_999, "a time") {
                Int(try await log.offset(recordedBefore: recent).position)
            }
            try await meter.expect(index, events: 1_002, found: 1_000, "the lag up to a limit") {
                Int(try await log.lag(after: 7, through: 50_000, filter: .all, limit: 1_000).events)
            }
            let middle = try await log.offset(before: 25_000)
            // The frontier is one event more, and its search may look at two.
            try await meter.expect(index, events: 103, found: 100, "a short stretch") {
                try await log.read(after: middle, limit: 100).events.count
            }
            try await meter.expect(index, events: 2_001, found: 2_000, "a copied stretch") {
                try await log.read(after: middle, through: frontier, filter: .all, limit: 2_000).events.count
            }
            try await meter.expect(index, events: 11, found: 10, "backward") {
                try await log.readBackward(from: 30_000, limit: 10).count
            }
            try await meter.expect(index, events: 3, found: 0, "at the head") {
                try await log.read(after: frontier, limit: 100).events.count
            }
        }
    }

    @Test func types() async throws {
        try await withMeter { meter, log in
            let index = "events_type_position"
            let frontier = try await log.frontier()
            try await meter.expect(index, events: 10, found: 5, "a rare type") {
                try await log.read(after: .beginning, filter: .types(["Rare"]), limit: 100).events.count
            }
            try await meter.expect(index, events: 10, found: 5, "rare types") {
                try await log.read(after: .beginning, filter: .types(["Rare", "None"]), limit: 100).events.count
            }
            try await meter.expect(index, events: 1_010, found: 400, "rare and dense types") {
                try await log.read(after: .beginning, filter: .types(["Rare", "Even"]), limit: 400).events.count
            }
            try await meter.expect(index, events: 6, found: 5, "a rare type, backward") {
                try await log.readBackward(filter: .types(["Rare"]), limit: 100).count
            }
            try await meter.expect(index, events: 6, found: 5, "rare types, backward") {
                try await log.readBackward(filter: .types(["None", "Rare"]), limit: 100).count
            }
            try await meter.expect(index, events: 5, found: 5, "a rare type, copied") {
                try await log.read(after: .beginning, through: frontier, filter: .types(["Rare"]), limit: 10_000).events
                    .count
            }
            try await meter.expect(index, events: 2_003, found: 1_000, "the lag of dense types up to a limit") {
                Int(try await log.lag(after: 7, through: 50_000, filter: .types(["Odd", "Even"]), limit: 1_000).events)
            }
            try await meter.expect(index, events: 501, found: 500, "a dense type, copied") {
                try await log.read(after: .beginning, through: frontier, filter: .types(["Odd"]), limit: 500).events
                    .count
            }
        }
    }

    @Test func rareTypesThatWereScannedOnceAreSoughtAfterwards() async throws {
        try await withMeter { meter, log in
            let frontier = try await log.frontier()
            let filter = EventFilter.types(["Rare", "None"])
            let first = try await log.read(after: .beginning, through: frontier, filter: filter, limit: 1_000)
            #expect(first.events.count == 1)
            try await meter.expect("events_type_position", events: 10, found: 5, "sought") {
                try await log.read(after: .beginning, through: frontier, filter: filter, limit: 1_000).events.count
            }
        }
    }

    @Test func categories() async throws {
        try await withMeter { meter, log in
            let index = "events_category_position"
            let frontier = try await log.frontier()
            try await meter.expect(index, events: 103, found: 100, "a small category") {
                try await log.read(after: .beginning, filter: .category("small"), limit: 100).events.count
            }
            try await meter.expect(index, events: 501, found: 500, "a small category, copied") {
                try await log.read(after: .beginning, through: frontier, filter: .category("small"), limit: 1_000)
                    .events.count
            }
            try await meter.expect(index, events: 11, found: 10, "backward") {
                try await log.readBackward(filter: .category("small"), limit: 10).count
            }
            try await meter.expect(index, events: 3, found: 0, "none") {
                try await log.read(after: .beginning, filter: .category("none"), limit: 100).events.count
            }
        }
    }

    @Test func ids() async throws {
        try await withMeter { meter, log in
            let known = try await log.readStream("big-11", limit: 10).map(\.id)
            try await meter.expect("events_id_key", events: 10, found: 10, "ids") {
                try await log.events(withIDs: known + [UUID()]).count
            }
        }
    }

    @Test("plans that were made on an empty log, and kept while it grew")
    func emptyAtFirst() async throws {
        try await LogFixture.withLog { fixture in
            // Or the server would find out, and make new plans, at a moment of its own.
            try await fixture.script("alter table hindsight.events set (autovacuum_enabled = off)")
            try await fixture.withAnotherLog(maximumConnections: 1) { log in
                let meter = Meter(log: log)
                let id = UUID()
                let calls: [(what: Comment, call: () async throws -> Void)] = [
                    ("a stream", { _ = try await log.readStream("big-11", limit: 10) }),
                    ("a stream, backward", { _ = try await log.readStream("big-11", backward: true, limit: 10) }),
                    ("ids", { _ = try await log.events(withIDs: [id]) }),
                    ("the frontier", { _ = try await log.frontier() }),
                    ("an offset", { _ = try await log.offset(before: 25_000) }),
                    ("an anchor", { try? await log.verify(Offset(position: 7, anchor: id)) }),
                    ("all", { _ = try await log.read(after: .beginning, limit: 10) }),
                    ("a type", { _ = try await log.read(after: .beginning, filter: .types(["Rare"]), limit: 10) }),
                    (
                        "types",
                        { _ = try await log.read(after: .beginning, filter: .types(["Rare", "None"]), limit: 10) }
                    ),
                    (
                        "a category",
                        { _ = try await log.read(after: .beginning, filter: .category("small"), limit: 10) }
                    ),
                    ("all, backward", { _ = try await log.readBackward(limit: 10) }),
                    ("a type, backward", { _ = try await log.readBackward(filter: .types(["Rare"]), limit: 10) }),
                    (
                        "an append",
                        { _ = try? await log.append(LogFixture.event(1), to: "big-11", expected: .exact(1 << 40)) }
                    ),
                    (
                        "an append to two streams",
                        {
                            _ = try? await log.append([
                                StreamAppend("big-11", [LogFixture.event(1)], expected: .exact(1 << 40)),
                                StreamAppend("big-12", [LogFixture.event(1)]),
                            ])
                        }
                    ),
                ]
                for _ in 0..<8 {
                    for (_, call) in calls { try await call() }
                }
                try await fixture.script(Self.fill)
                for (what, call) in calls {
                    let before = try await meter.read()
                    try await call()
                    let after = try await meter.read()
                    #expect(after.tableScans == before.tableScans, what)
                    #expect(after.events - before.events <= 30, what)
                }
            }
        }
    }

    @Test func appends() async throws {
        try await withMeter { meter, log in
            let index = "events_stream_version_key"
            var version: Int64 = 99
            try await meter.expect(index, events: 2, found: 0, "one event") {
                try await log.append(LogFixture.event(1), to: "big-11", expected: .exact(version))
                version += 1
                return 0
            }
            try await meter.expect(index, events: 6, found: 2, "several streams") {
                try await log.append([
                    StreamAppend("big-11", [LogFixture.event(1)]), StreamAppend("small-7", [LogFixture.event(2)]),
                ]).count
            }
            try await meter.expect(index, events: 2, found: 99, "a conflict") {
                let conflict = try await #require(throws: EventLogError.self) {
                    try await log.append(LogFixture.event(1), to: "big-12", expected: .noStream)
                }
                return Int(conflict.actualVersion ?? -2)
            }
            let events = (0..<100).map { LogFixture.event($0) }
            try await log.append(events, to: "big-12")
            try await meter.expect("events_id_key", events: 300, found: 199, "a duplicate") {
                let result = try await log.append(events, to: "big-12")
                return result.isDuplicate ? Int(result.version) : -1
            }
        }
    }
}
