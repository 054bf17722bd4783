import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Testing

/// Ranges are read from the table's blocks, in whatever order events stand there.
@Suite("Reading ranges from blocks", .timeLimit(.minutes(3)))
struct BlockReadingTests {
    /// An event as a range has it.
    private struct Found: Hashable {
        var position: Int64
        var stream: String
        var version: Int64
        var data: String
    }

    /// A log whose events stand in the table in a given order.
    private func withEvents(
        _ positions: SQL, order: SQL, data: SQL = "format('{\"n\":%s}', p)::json",
        _ body: (LogFixture, [Found]) async throws -> Void
    ) async throws {
        try await LogFixture.withLog { fixture in
            let events = fixture.table("events")
            let all = try await fixture.pool.withSession { session in
                try session.execute(
                    """
                    insert into \(identifier: events)
                    select p, p, now(), now(), gen_random_uuid(), 1, 'a-1', 'Noted', null, null, \(sql: data), null
                    from (\(sql: positions)) n (p) order by \(sql: order)
                    """)
                return try session.query(
                    "select position, version, data::text from \(identifier: events) order by position"
                ).map { row in
                    Found(
                        position: try row.decode(0), stream: "a-1", version: try row.decode(1),
                        data: try row.decode(2))
                }
            }
            try await fixture.drawPositions(through: all.last?.position ?? 1)
            try await body(fixture, all)
        }
    }

    private func read(
        _ log: PostgresEventLog, through end: Int64, span: Int64, maximumBytes: Int = 8 << 20
    ) async throws -> [Found] {
        let buffer = RawEventBuffer()
        var found: [Found] = []
        var from: Int64 = 0
        while from < end {
            let high = min(end, from + span)
            try await log.read(
                after: from, through: high, filter: .all, fields: [.stream, .data], maximumBytes: maximumBytes,
                into: buffer)
            #expect(buffer.through > from && buffer.through <= high)
            for (index, event) in buffer.events.enumerated() {
                found.append(
                    Found(
                        position: event.position, stream: event.stream.rawValue, version: event.version,
                        data: String(decoding: buffer.data(of: index), as: UTF8.self)))
            }
            from = buffer.through
        }
        return found
    }

    @Test(
        "Every event of a range is found once and in order, wherever it stands",
        arguments: [
            ("in order", "p"), ("in reverse", "-p"), ("anywhere", "md5(p::text)"),
            ("a few far behind", "case when p % 997 = 0 then 1000000 else p end"),
            ("a few far ahead", "case when p % 997 = 0 then 0 else p end"),
            ("a tenth far behind", "case when p % 10 = 0 then 1000000 + p else p end"),
            ("four appenders side by side", "(p / 500) * 500 + p % 4 * 125 + p % 500 / 4"),
        ])
    func anyOrder(name: String, order: String) async throws {
        try await withEvents("select generate_series(1, 12000)", order: SQL(unsafeSQL: order)) { fixture, all in
            #expect(all.count == 12_000)
            for span: Int64 in [1_500, 4_096, 12_000] {
                let found = try await read(fixture.log, through: 12_000, span: span)
                #expect(found == all, "\(name), \(span)")
            }
        }
    }

    @Test(
        "Positions without an event are no events that are missing",
        arguments: [
            "p % 1000 <> 7", "p % 3 <> 0", "p % 40 = 1", "p > 3000", "p < 3000", "p not between 2000 and 9000",
            "p = 9000",
        ])
    func holes(condition: String) async throws {
        try await withEvents(
            "select p from generate_series(1, 12000) p where \(unsafeSQL: condition)", order: "md5(p::text)"
        ) { fixture, all in
            for span: Int64 in [1_500, 4_096, 12_000] {
                let found = try await read(fixture.log, through: 12_000, span: span)
                #expect(found == all, "\(span)")
            }
        }
    }

    @Test("A table that is rewritten between two ranges, in another order, loses nothing")
    func rewritten() async throws {
        try await withEvents("select generate_series(1, 12000)", order: "p") { fixture, all in
            let before = try await read(fixture.log, through: 6_000, span: 2_000)
            try await fixture.script("cluster hindsight.events using events_id_key")
            let after = try await read(fixture.log, through: 12_000, span: 2_000)
            #expect(before == Array(all[..<6_000]))
            #expect(after == all)
        }
    }

    @Test("Large events are read by pieces, in order")
    func largeEvents() async throws {
        try await withEvents(
            "select generate_series(1, 3000)", order: "-p",
            data: "format('{\"n\":%s,\"text\":\"%s\"}', p, repeat(md5(p::text), 60))::json"
        ) { fixture, all in
            let found = try await read(fixture.log, through: 3_000, span: 2_000, maximumBytes: 1 << 20)
            #expect(found == all)
        }
    }

    @Test("Events that stand in order are not looked for in the index")
    func readsBlocks() async throws {
        try await withEvents("select generate_series(1, 12000)", order: "p") { fixture, _ in
            func fetched() async throws -> Int64 {
                try await fixture.pool.withSession { try $0.execute("select pg_stat_force_next_flush()") }
                return try await fixture.pool.withSession {
                    try $0.query(
                        "select idx_tup_fetch from pg_stat_user_tables where schemaname = 'hindsight' and relname = 'events'"
                    )[0].decode(0)
                }
            }
            let before = try await fetched()
            let found = try await read(fixture.log, through: 12_000, span: 4_000)
            #expect(found.count == 12_000)
            let after = try await fetched()
            #expect(after - before < 100)
        }
    }
}
