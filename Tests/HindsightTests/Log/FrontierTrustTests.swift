import Hindsight
import HindsightPostgres
import Testing

/// A role that may append can write its transaction's settings and take advisory locks by hand. None of it may make a reader
/// pass the role's events.
@Suite("The frontier and a role that appends", .timeLimit(.minutes(2)))
struct FrontierTrustTests {
    /// What a role does by hand in the transaction of its append.
    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var first: Int64 = 0
        var before: [SQL] = []
        var after: [SQL] = []
    }

    private static let setting: SQL = "'hindsight.floor_' || hindsight.log_class()"

    private static func note(_ floor: String, transaction: SQL = "pg_current_xact_id()") -> SQL {
        "select set_config(\(sql: setting), (\(sql: transaction))::text || ' ' || \(literal: floor), true)"
    }

    private static func lock(_ function: String, _ floor: Int32) -> SQL {
        "select \(identifier: PostgresIdentifier(function))(hindsight.log_class(), \(floor))"
    }

    /// Far above what the tests draw.
    private static let above: Int32 = 1_000_000
    private static let transactionOnly: SQL =
        "select set_config(\(sql: setting), pg_current_xact_id()::text, true)"

    static let attacks: [Attack] = [
        Attack(
            testDescription: "a lock far above, and a note that names the transaction",
            before: [lock("pg_advisory_xact_lock_shared", above), transactionOnly]),
        Attack(
            testDescription: "a lock far above, and its note",
            before: [lock("pg_advisory_xact_lock_shared", above), note("\(above)")]),
        Attack(
            testDescription: "a session's lock far above, and its note",
            before: [lock("pg_advisory_lock_shared", above), note("\(above)")]),
        Attack(
            testDescription: "a session's lock on the floor, given up before the commit",
            before: [lock("pg_advisory_lock_shared", 0), transactionOnly],
            after: [lock("pg_advisory_unlock_shared", 0), "select pg_advisory_unlock_all()"]),
        Attack(
            testDescription: "the same with the note of that floor",
            before: [lock("pg_advisory_lock_shared", 0), note("0")],
            after: [lock("pg_advisory_unlock_shared", 0), "select pg_advisory_unlock_all()"]),
        Attack(
            testDescription: "giving up the append's own lock as if it were the session's",
            after: [lock("pg_advisory_unlock_shared", 0), "select pg_advisory_unlock_all()"]),
        Attack(testDescription: "a note without a lock", before: [note("0")]),
        Attack(testDescription: "a note far above", before: [note("\(above)")]),
        Attack(testDescription: "a note of the highest position", before: [note("\(Int64.max)")]),
        Attack(testDescription: "a note beyond all positions", before: [note(String(repeating: "9", count: 40))]),
        Attack(testDescription: "a negative note", before: [note("-1")]),
        Attack(
            testDescription: "a note that is no number", before: [note("1e3"), note(" "), note("NaN"), note("0x1")]),
        Attack(testDescription: "a note of other digits", before: [note("\u{0661}\u{0662}")]),
        Attack(testDescription: "a note of another transaction", before: [note("7", transaction: "'1'")]),
        Attack(
            testDescription: "an empty note",
            before: ["select set_config(\(sql: setting), '', true)"]),
        Attack(
            testDescription: "a note below by half of what the locks can say",
            first: 3_000_000_000, before: [note("1"), note("\(3_000_000_000 - (1 << 31))")]),
        Attack(
            testDescription: "a note below by nearly half of what the locks can say",
            first: 3_000_000_000, before: [note("\(3_000_000_000 - (1 << 31) + 1)")]),
        Attack(
            testDescription: "a note some way below",
            first: 3_000_000_000, before: [note("\(3_000_000_000 - 1_000)")]),
    ]

    private func withAppender(
        _ fixture: LogFixture, _ body: (PostgresEventLog, OpenTransaction) async throws -> Void
    ) async throws {
        try await fixture.withRole { role, conninfo in
            try await fixture.pool.withTransaction { session in
                try session.execute("set local search_path = hindsight")
                try session.execute("select grant_append(\(PostgresIdentifier(role).quoted)::text::regrole)")
            }
            try await fixture.withAnotherLog(conninfo: conninfo) { log in
                try await body(log, try await OpenTransaction.begin(in: log.pool))
            }
        }
    }

    private static func append(_ number: Int) -> SQL {
        """
        select hindsight.append_one('attack-1', null, true, gen_random_uuid(), 'Counted', 1, now(), null, null, null,
            \(literal: "{\"number\":\(number)}")::json, null)
        """
    }

    private func run(_ statements: [SQL], in transaction: OpenTransaction) async throws {
        try await transaction.run { session in
            for statement in statements { _ = try session.query(statement) }
        }
    }

    @Test("no reader passes an event that was appended", arguments: attacks)
    func readersWait(_ attack: Attack) async throws {
        try await LogFixture.withLog { fixture in
            if attack.first > 0 { try await fixture.drawPositions(through: attack.first) }
            try await withAppender(fixture) { _, transaction in
                var reader = LogReader(fixture.log)
                try await run(attack.before + [Self.append(1)] + attack.after, in: transaction)
                try await fixture.log.append(LogFixture.event(2), to: "b-1")
                #expect(try await reader.readAll().isHeld)
                #expect(reader.seen.isEmpty)
                // A second append of the transaction, after whatever was done by hand.
                try await run([Self.append(3)] + attack.after, in: transaction)
                try await fixture.log.append(LogFixture.event(4), to: "b-1")
                #expect(try await reader.readAll().isHeld)
                try await transaction.commit()
                #expect(try await !reader.readAll().isHeld)
                #expect(reader.seen.map(\.data) == (1...4).map { LogFixture.event($0).data })
            }
        }
    }

    @Test func aCursorThatFailsWithinASavepointKeepsTheLockOfWhatItAppendedBefore() async throws {
        try await LogFixture.withLog { fixture in
            try await withAppender(fixture) { _, transaction in
                var reader = LogReader(fixture.log)
                try await transaction.run { session in
                    try session.script(
                        """
                        declare c cursor for
                        select hindsight.append_one('attack-' || g, null, true, gen_random_uuid(), 'Counted', 1, now(), null,
                            null, null, ('{"number":' || 1 / (2 - g) || '}')::json, null)
                        from generate_series(1, 2) g;
                        fetch 1 from c;
                        savepoint s
                        """)
                    #expect(throws: PostgresError.self) { try session.script("fetch 1 from c") }
                    try session.script("rollback to savepoint s")
                }
                try await fixture.log.append(LogFixture.event(2), to: "b-1")
                #expect(try await reader.readAll().isHeld)
                try await transaction.commit()
                try await reader.readAll()
                #expect(reader.seen.map(\.data) == (1...2).map { LogFixture.event($0).data })
            }
        }
    }

    private func floorLocks(_ fixture: LogFixture, of processID: Int32) async throws -> Int {
        try await fixture.pool.withSession {
            try $0.query(
                """
                select count(*) from pg_locks where locktype = 'advisory' and pid = \(processID) and objsubid = 2
                    and classid = hindsight.log_class()::bigint::oid
                """)[0].decode(0)
        }
    }

    @Test("many appends in one transaction take one entry of the lock table, and another one now and then")
    func lockEntries() async throws {
        try await LogFixture.withLog { fixture in
            try await withAppender(fixture) { _, transaction in
                for number in 0..<40 {
                    if number % 10 == 5 { try await run(["savepoint s"], in: transaction) }
                    try await run([Self.append(number)], in: transaction)
                    if number % 10 == 8 { try await run(["release savepoint s"], in: transaction) }
                    try await fixture.log.append(LogFixture.event(number), to: "b-1")
                }
                #expect(try await floorLocks(fixture, of: transaction.processID) == 1)
                try await fixture.drawPositions(through: 20_000_000)
                for number in 0..<3 { try await run([Self.append(number)], in: transaction) }
                #expect(try await floorLocks(fixture, of: transaction.processID) == 2)
                try await transaction.rollBack()
            }
        }
    }

    @Test("each append sees to the durability and the patience of its transaction again")
    func settingsOfTheTransaction() async throws {
        try await LogFixture.withLog { fixture in
            try await withAppender(fixture) { _, transaction in
                for number in 0..<3 {
                    try await run(
                        [
                            "set local synchronous_commit = off", "set local idle_in_transaction_session_timeout = 0",
                            Self.append(number),
                        ], in: transaction)
                    let found: [String] = try await transaction.run { session in
                        let row = try session.query(
                            """
                            select current_setting('synchronous_commit'),
                                current_setting('idle_in_transaction_session_timeout')
                            """)[0]
                        return [try row.decode(0), try row.decode(1)]
                    }
                    #expect(found == ["local", "5min"])
                }
                try await transaction.rollBack()
            }
        }
    }
}
