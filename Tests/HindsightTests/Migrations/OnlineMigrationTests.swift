import Hindsight
import HindsightMigrations
import HindsightPostgres
import HindsightSchema
import Testing

/// Migrations that wait for other users of a table without making anybody wait for them.
@Suite("Online migrations", .timeLimit(.minutes(2)))
struct OnlineMigrationTests {
    private func migrator(_ pool: PostgresPool, _ migrations: [Migration] = Migration.all) -> Migrator {
        Migrator(pool: pool, schema: "hindsight", migrations: migrations, logger: LogFixture.logger)
    }

    private let offline = Migration.all.filter { !$0.isOnline }
    private let online = Migration.all.filter(\.isOnline).map(\.name)

    private func checks(_ pool: PostgresPool) async throws -> Int {
        try await pool.withSession { session in
            try session.query(
                "select count(*) from pg_constraint where conrelid = 'hindsight.events'::regclass and contype = 'c'")[0]
                .decode(0)
        }
    }

    @Test("While somebody reads the table without an end, it is left out, appends go on, and the next call does it")
    func tableInUse() async throws {
        try await MigrationDatabase.open { pool in
            try await migrator(pool, offline).migrate()
            let log = PostgresEventLog(pool: pool, logger: LogFixture.logger)
            try await log.append(LogFixture.event(1), to: "a-1")
            let reader = try await OpenTransaction.begin(in: pool)
            try await reader.run { try $0.execute("select from hindsight.events") }
            async let applied = migrator(pool).migrate()
            for number in 2...20 { try await log.append(LogFixture.event(number), to: "a-1") }
            #expect(try await applied == [])
            #expect(try await migrator(pool).status().filter { !$0.isApplied }.map(\.name) == online)
            #expect(try await checks(pool) == 4)
            try await reader.commit()
            #expect(try await migrator(pool).migrate() == online)
            #expect(try await migrator(pool).migrate() == [])
            #expect(try await checks(pool) == 0)
            #expect(try await log.readStream("a-1").count == 20)
        }
    }

    @Test("One that another process runs is left to it")
    func runningElsewhere() async throws {
        try await MigrationDatabase.open { pool in
            try await migrator(pool, offline).migrate()
            let other = try await PostgresConnection.connect(pool.configuration, logger: LogFixture.logger)
            try await other.withSession {
                try $0.execute("select pg_advisory_lock(hashtextextended('hindsight.online_migrations', 0))")
            }
            #expect(try await migrator(pool).migrate() == [])
            await other.close()
            try await eventually("the lock has ended with its connection") {
                try await migrator(pool).migrate() == online
            }
        }
    }

    @Test("One that ended before it was recorded is run again, and a failing one leaves what was applied before it")
    func again() async throws {
        try await MigrationDatabase.open { pool in
            try await migrator(pool).migrate()
            try await pool.withSession { try $0.script("delete from hindsight.migrations where number = 13") }
            #expect(try await migrator(pool).migrate() == online)
            let broken = Migration(number: 99, name: "0099_broken.sql", sql: "select no_such()", isOnline: true)
            await #expect(throws: PostgresError.self) { try await migrator(pool, Migration.all + [broken]).migrate() }
            #expect(try await migrator(pool).migrate() == [])
        }
    }

    @Test("A role that may not run it starts all the same")
    func roleWithoutRights() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.pool.withSession { try $0.script("delete from hindsight.migrations where number = 13") }
            try await fixture.withRole { role, conninfo in
                try await fixture.pool.withSession { session in
                    try session.execute("grant usage on schema hindsight to \(identifier: PostgresIdentifier(role))")
                    try session.execute(
                        "grant select on hindsight.migrations to \(identifier: PostgresIdentifier(role))")
                }
                let theirs = PostgresPool(
                    configuration: PostgresConfiguration(conninfo), logger: LogFixture.logger)
                let applied = try await migrator(theirs).migrate()
                #expect(applied == [])
                await theirs.close()
            }
        }
    }
}
