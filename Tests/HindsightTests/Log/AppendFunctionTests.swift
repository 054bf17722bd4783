import Hindsight
import HindsightPostgres
import Testing

/// The functions that append can be called by whoever may append, with any arguments.
@Suite("What the append functions refuse", .serialized, .timeLimit(.minutes(2)))
struct AppendFunctionTests {
    private static let badTimes = ["infinity", "-infinity", "294276-12-31", "10000-01-01 00:00:00+00", "0001-12-31 BC"]

    private func expectRefused(_ fixture: LogFixture, _ call: String, _ words: String) async throws {
        let error = await #expect(throws: PostgresError.self, "\(call)") {
            try await fixture.pool.withSession { try $0.script("select from \(call)") }
        }
        #expect(error?.sqlState == "23514", "\(call)")
        #expect(error.map { "\($0)".contains(words) } ?? false, "\(call): \(String(describing: error))")
    }

    @Test("Times that no reader can represent, and none that text can write", arguments: badTimes)
    func times(_ time: String) async throws {
        try await LogFixture.withLog { fixture in
            for times in ["'\(time)', null", "now(), '\(time)'"] {
                try await expectRefused(
                    fixture,
                    "hindsight.append_one('a-1', null, true, gen_random_uuid(), 'T', 1, \(times), null, null, '{}', null)",
                    "years 1 to 9999")
            }
            for times in ["array['\(time)'], array[null]", "array[now()], array['\(time)']"] {
                let call = """
                    hindsight.append(array['a-1'], array[null]::bigint[], true, array[1], array[0], array[gen_random_uuid()],
                        array['T'], array[1], \(times.replacing("]", with: "]::timestamptz[]")), array[null], array[null],
                        array['{}']::json[], array[null]::json[])
                    """
                try await expectRefused(fixture, call, "years 1 to 9999")
            }
            #expect(try await fixture.log.size().events == 0)
        }
    }

    @Test("Data that comes compressed out of a table counts in full")
    func compressed() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.pool.withSession {
                try $0.script(
                    """
                    create table large as select to_json(repeat('a', 17 * 1024 * 1024)) as data, to_json(repeat('a', 70000)) as metadata
                    """)
                // Less than a fiftieth of what it stands for.
                let size = try $0.query("select pg_column_size(data) from large")[0].decode(0, as: Int.self)
                #expect(size < 400_000)
            }
            for (data, metadata, words) in [
                ("l.data", "null", "16777216 bytes, that of a T has 17825794"),
                ("'1'", "l.metadata", "65536 bytes, that of a T has 70002"),
            ] {
                try await expectRefused(
                    fixture,
                    """
                    large l cross join lateral hindsight.append_one(
                        'a-1', null, true, gen_random_uuid(), 'T', 1, now(), null, null, null, \(data), \(metadata))
                    """, words)
                try await expectRefused(
                    fixture,
                    """
                    large l cross join lateral hindsight.append(array['a-1'], array[null]::bigint[], true, array[1], array[0],
                        array[gen_random_uuid()], array['T'], array[1], array[now()], array[null]::timestamptz[], array[null], array[null],
                        array[\(data)]::json[], array[\(metadata)]::json[])
                    """, words)
            }
            #expect(try await fixture.log.size().events == 0)
        }
    }

    @Test(
        "Numbers that would leave holes in a stream, or order it otherwise than the log",
        arguments: [
            ("{1,1}", "{5,2}"), ("{1,1}", "{1,0}"), ("{1}", "{-7}"), ("{1}", "{1}"), ("{1,2,1}", "{0,0,2}"),
            ("{1,2,1}", "{0,1,1}"),
        ])
    func numbers(_ streams: String, _ numbers: String) async throws {
        try await LogFixture.withLog { fixture in
            let call = """
                (select '\(streams)'::int[] as s) g cross join lateral hindsight.append(
                    array['a-1', 'a-2'], array[null, null]::bigint[], true, g.s, '\(numbers)',
                    array(select gen_random_uuid() from unnest(g.s)), array(select 'T' from unnest(g.s)),
                    array(select 1 from unnest(g.s)), array(select now() from unnest(g.s)),
                    array(select null::timestamptz from unnest(g.s)), array(select null from unnest(g.s)),
                    array(select null from unnest(g.s)), array(select '{}'::json from unnest(g.s)),
                    array(select null::json from unnest(g.s)))
                """
            try await expectRefused(fixture, call, "numbered from 0")
            #expect(try await fixture.log.size().events == 0)
        }
    }

    @Test("A log from before, which has such times, is read to its end in every way, with the nearest instants")
    func oldLog() async throws {
        try await Bank.open { bank in
            for number in 1...20 { try await bank.append(Bank.Deposited(amount: number), to: "1") }
            for (number, time) in Self.badTimes.enumerated() {
                try await bank.script(
                    """
                    insert into hindsight.events (position, stream, version, id, type, schema_version, occurred_at, recorded_at, data)
                    values (nextval('hindsight.positions'), 'account-\(number + 2)', 0, gen_random_uuid(), 'Deposited', 1, '\(time)',
                        '\(time)', '{"amount": 1}')
                    """)
            }
            let behind = try await bank.log.lag(after: 20, through: 25, filter: .all, limit: 10)
            #expect(behind.seconds == 0)
            try await bank.append(Bank.Deposited(amount: 7), to: "1")
            let administration = bank.administration(Account.projection())
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            try await bank.expectAccounts()
            // By COPY, by ranges and by rows.
            try await bank.rebuilder(Account.projection()).rebuild(["account"])
            try await bank.expectAccounts()
            var reader = LogReader(bank.log)
            try await reader.readAll()
            #expect(reader.seen.count == 26)
            let stored = reader.seen[20..<25].map(\.occurredAt)
            #expect(stored[0].microsecondsSince1970 == .max && stored[2].microsecondsSince1970 == .max)
            #expect(stored[1] < stored[4] && stored.allSatisfy { !"\($0)".isEmpty })
            let events = try await bank.log.readStream(StreamName(category: "account", id: "2"))
            #expect(events.first?.recordedAt == stored[0])
            _ = try await administration.list()
            _ = try await bank.log.offset(recordedBefore: .now())
        }
    }
}
