import Hindsight
import HindsightPostgres
import HindsightSchema
import Testing

/// What each commit calls is part of the commit's statements, and means what it meant to the release before.
@Suite("Functions that are part of the statement", .timeLimit(.minutes(2)))
struct InlinedFunctionTests {
    private static let shard: SQL =
        "row('projection', 'a b', 2, 0, '018f0000-0000-7000-8000-000000000001')::hindsight.shard"
    private static let names = ["readers_key", "readers_listen", "work_key", "work_on"]

    private func migrate(_ pool: PostgresPool, through last: Int = .max) async throws {
        let migrations = Migration.all.filter { $0.number <= last }
        try await Migrator(pool: pool, schema: "hindsight", migrations: migrations, logger: LogFixture.logger)
            .migrate()
    }

    private func keys(_ pool: PostgresPool) async throws -> [Int64] {
        try await pool.withSession { session in
            let row = try session.query("select hindsight.work_key(\(sql: Self.shard)), hindsight.readers_key()")[0]
            return [try row.decode(0), try row.decode(1)]
        }
    }

    /// The server processes that hold an advisory lock.
    private func holders(of key: SQL, _ pool: PostgresPool) async throws -> Set<Int32> {
        try await pool.withSession { session in
            let rows = try session.query(
                """
                select l.pid from pg_locks l, \(sql: key) key
                where l.locktype = 'advisory' and l.granted and l.classid::bigint = key >> 32 & 4294967295
                    and l.objid::bigint = key & 4294967295
                    and l.database = (select oid from pg_database where datname = current_database())
                """)
            return Set(try rows.map { try $0.decode(0) })
        }
    }

    /// Owner and rights of each function.
    private func rights(_ pool: PostgresPool) async throws -> [String] {
        try await pool.withSession { session in
            try session.query(
                """
                select format('%s %s %s', p.oid::regprocedure, p.proowner::regrole, p.proacl) from pg_proc p
                where p.pronamespace = 'hindsight'::regnamespace and p.proname = any(\(Self.names)) order by p.proname
                """
            ).map { try $0.decode(0) }
        }
    }

    @Test func aPlanHasTheirExpressionsInPlaceOfCalls() async throws {
        try await MigrationDatabase.open { pool in
            try await migrate(pool)
            let plan: [String] = try await pool.withSession { session in
                try session.query(
                    """
                    explain (verbose, costs off) select hindsight.work_on(\(sql: Self.shard), interval '2 s'),
                        hindsight.work_key(\(sql: Self.shard)), hindsight.readers_listen(), hindsight.readers_key()
                    """
                ).map { try $0.decode(0) }
            }
            let text = plan.joined(separator: "\n")
            #expect(text.contains("pg_advisory_xact_lock_shared") && text.contains("pg_try_advisory_lock"))
            for name in Self.names { #expect(!text.contains("\(name)("), "\(text)") }
        }
    }

    @Test("work that the release before has begun is found by the same key, and the time is set")
    func besideTheReleaseBefore() async throws {
        try await MigrationDatabase.open { pool in
            try await migrate(pool, through: 18)
            let before = try await keys(pool)
            let work: SQL = "select hindsight.work_on(\(sql: Self.shard), interval '61.2345 s')"
            let old = try await OpenTransaction.begin(in: pool)
            try await old.run { try $0.execute(work) }
            let reader = try await OpenTransaction.begin(in: pool)
            try await reader.run { try $0.execute("select hindsight.announce_reader()") }

            try await migrate(pool)
            #expect(try await keys(pool) == before)
            let new = try await OpenTransaction.begin(in: pool)
            let limit = try await new.run { session in
                try session.execute(work)
                return try session.query("show idle_in_transaction_session_timeout")[0].decode(0, as: String.self)
            }
            #expect(limit == "61235ms")
            let workKey: SQL = "hindsight.work_key(\(sql: Self.shard))"
            #expect(try await holders(of: workKey, pool) == [old.processID, new.processID])

            let listens: SQL = "select hindsight.readers_listen()"
            #expect(try await pool.withSession { try $0.query(listens)[0].decode(0, as: Bool.self) })
            try await reader.run { try $0.execute("select pg_advisory_unlock_shared(hindsight.readers_key())") }
            #expect(try await pool.withSession { try !$0.query(listens)[0].decode(0, as: Bool.self) })
            // The question leaves no lock behind.
            #expect(try await holders(of: "hindsight.readers_key()", pool).isEmpty)
            for transaction in [old, reader, new] { try await transaction.rollBack() }
        }
    }

    @Test func whoMayCallThemStaysAsItWas() async throws {
        try await MigrationDatabase.open { pool in
            try await migrate(pool, through: 18)
            let number = UInt64.random(in: 0 ... .max)
            let (owner, worker) = (PostgresIdentifier("Owner \(number)"), PostgresIdentifier("Worker \(number)"))
            let stranger = PostgresIdentifier("Stranger \(number)")
            let calls = [
                "work_key(\(Self.shard.text))", "work_on(\(Self.shard.text), interval '1 s')", "readers_key()",
                "readers_listen()",
            ]
            let allowed: @Sendable (PostgresIdentifier) async throws -> [Bool] = { role in
                try await pool.withSession { session in
                    try session.script("set role \(role.quoted)")
                    let answers = try calls.map { call in
                        do {
                            try session.script("select hindsight.\(call)")
                            return true
                        } catch let error as PostgresError where error.sqlState == "42501" {
                            return false
                        }
                    }
                    try session.script("reset role")
                    return answers
                }
            }
            try await pool.withSession { session in
                for role in [owner, worker, stranger] {
                    try session.script("create role \(role.quoted); grant usage on schema hindsight to \(role.quoted)")
                }
                try session.script(
                    """
                    grant execute on function hindsight.work_on, hindsight.readers_listen, hindsight.readers_key
                    to \(worker.quoted)
                    """)
                for name in Self.names {
                    try session.script("alter function hindsight.\(name) owner to \(owner.quoted)")
                }
            }
            let before = try await rights(pool)
            #expect(try await allowed(worker) == [true, true, true, true])
            #expect(try await allowed(stranger) == [true, false, false, false])

            try await migrate(pool)
            #expect(try await rights(pool) == before)
            #expect(try await allowed(worker) == [true, true, true, true])
            #expect(try await allowed(stranger) == [true, false, false, false])
            try await pool.withSession { session in
                for role in [owner, worker, stranger] {
                    try session.script("reassign owned by \(role.quoted) to current_user")
                    try session.script("drop owned by \(role.quoted); drop role \(role.quoted)")
                }
            }
        }
    }

    @Test func theCallersSearchPathChangesNothing() async throws {
        try await MigrationDatabase.open { pool in
            try await migrate(pool)
            let own = try await keys(pool)
            let hostile = PostgresPool(
                configuration: pool.configuration, maximumConnections: 1, logger: LogFixture.logger)
            try await hostile.withSession { session in
                try session.script(
                    """
                    create schema hostile;
                    create table hostile.offsets ();
                    create function hostile.concat_ws(text, text, integer, integer, uuid, text) returns text
                    language sql return 'x';
                    create function hostile.hashtextextended(text, bigint) returns bigint language sql return 1;
                    create function hostile.set_config(text, text, boolean) returns text language sql return null;
                    create function hostile.pg_advisory_xact_lock_shared(bigint) returns void language sql as '';
                    create function hostile.pg_try_advisory_lock(bigint) returns boolean language sql return false;
                    set search_path = hostile, pg_catalog;
                    """)
            }
            #expect(try await keys(hostile) == own)
            let found = try await hostile.withTransaction(.readCommitted) { session in
                let row = try session.query(
                    """
                    select hindsight.readers_listen(), hindsight.work_on(\(sql: Self.shard), interval '1 s')
                    """)[0]
                let held = try session.query(
                    "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()")[0]
                return (try row.decode(0, as: Bool.self), try held.decode(0, as: Int.self))
            }
            #expect(found == (false, 1))
            await hostile.close()
        }
    }
}
