import Hindsight
import HindsightPostgres
import HindsightProjections
import HindsightSchema
import HindsightTestSupport
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Migrating", .timeLimit(.minutes(2)))
struct MigratorTests {
    private func migrator(_ pool: PostgresPool, _ migrations: [Migration] = Migration.all) -> Migrator {
        Migrator(pool: pool, schema: "hindsight", migrations: migrations, logger: LogFixture.logger)
    }

    private func recorded(_ pool: PostgresPool, schema: PostgresIdentifier = "hindsight") async throws -> [String] {
        try await pool.withSession { session in
            try session.query(
                "select name from \(identifier: PostgresIdentifier(schema: schema, "migrations")) order by number"
            ).map { try $0.decode(0) }
        }
    }

    @Test func tenMigratorsAtOnceApplyEachMigrationOnce() async throws {
        try await MigrationDatabase.open { pool in
            let applied = try await withThrowingTaskGroup(of: [String].self) { tasks in
                for _ in 0..<10 { tasks.addTask { try await migrator(pool).migrate() } }
                return try await tasks.reduce(into: []) { $0 += $1 }
            }
            // Online ones may have been applied by another one than the rest.
            #expect(applied.sorted() == Migration.all.map(\.name))
            #expect(try await recorded(pool) == Migration.all.map(\.name))
        }
    }

    @Test("nobody is misled by what a connection remembers from before the schema was there")
    func migratorsThatHaveLookedBefore() async throws {
        let database = try await TestCluster.shared.makeDatabase()
        let pools = (0..<8).map { _ in
            PostgresPool(
                configuration: PostgresConfiguration(database), maximumConnections: 1, logger: LogFixture.logger)
        }
        for pool in pools { #expect(try await migrator(pool).status().allSatisfy { !$0.isApplied }) }
        try await MigrationDatabase.open(database) { watcher in
            // All of them have begun and wait before the first may look again.
            let holder = try await OpenTransaction.begin(in: watcher)
            try await holder.run {
                try $0.execute("select pg_advisory_xact_lock(hashtextextended('hindsight.migrations', 0))")
            }
            let applied = try await withThrowingTaskGroup(of: [String].self) { tasks in
                for pool in pools { tasks.addTask { try await migrator(pool).migrate() } }
                try await eventually("all migrators wait") {
                    try await watcher.withSession {
                        try $0.query("select from pg_locks where locktype = 'advisory' and not granted").count
                    } == pools.count
                }
                try await holder.commit()
                return try await tasks.reduce(into: []) { $0 += $1 }
            }
            // Online ones may have been applied by another one than the rest, and its answer may come first.
            #expect(applied.sorted() == Migration.all.map(\.name))
        }
        for pool in pools { await pool.close() }
    }

    @Test("a schema that somebody else makes at the same moment is taken as it is")
    func aSchemaThatAppears() async throws {
        try await MigrationDatabase.open { pool in
            func making(_ schema: String, _ body: @escaping @Sendable () async throws -> Void) async throws {
                let other = try await OpenTransaction.begin(in: pool)
                try await other.run { try $0.script("create schema \(schema)") }
                async let work: Void = body()
                try await eventually("it waits") {
                    try await pool.withSession {
                        try $0.query(
                            "select from pg_locks where locktype = 'transactionid' and not granted"
                        ).count == 1
                    }
                }
                try await other.commit()
                try await work
            }
            let migrator = migrator(pool)
            try await making("hindsight") { try await migrator.migrate() }
            #expect(try await recorded(pool) == Migration.all.map(\.name))
            try await pool.withSession { try $0.script("create table hindsight.thing_v1 (id integer)") }
            let thing = ViewLocation(
                name: "thing", table: "thing_v1", engineSchema: "hindsight", viewSchema: "shown")
            try await making("shown") {
                try await pool.withTransaction { try StableName(thing).show(in: &$0) }
            }
            #expect(try await pool.withSession { try $0.query("select from shown.thing").isEmpty })
        }
    }

    @Test func migratingAgainChangesNothing() async throws {
        try await MigrationDatabase.open { pool in
            #expect(try await migrator(pool).status().map(\.isApplied) == Migration.all.map { _ in false })
            #expect(try await migrator(pool).migrate() == Migration.all.namesAsApplied)
            #expect(try await migrator(pool).migrate().isEmpty)
            let status = try await migrator(pool).status()
            #expect(status.map(\.name) == Migration.all.map(\.name) && status.allSatisfy { $0.isApplied })
            #expect(status.map(\.number) == Migration.all.map(\.number))
        }
    }

    @Test func anOlderDatabaseGetsWhatItLacksAndKeepsItsEvents() async throws {
        try await MigrationDatabase.open { pool in
            let older = Array(Migration.all.prefix(3))
            try await migrator(pool, older).migrate()
            let log = PostgresEventLog(pool: pool, logger: LogFixture.logger)
            let event = LogFixture.event(1)
            try await log.append(event, to: "a-1")
            #expect(try await migrator(pool).status().map(\.isApplied) == Migration.all.indices.map { $0 < 3 })
            #expect(try await migrator(pool).migrate() == Migration.all.dropFirst(3).namesAsApplied)
            #expect(try await log.readStream("a-1").map(\.id) == [event.id])
        }
    }

    private func expectRefusal(
        _ code: MigrationError.Code, _ words: [String], _ migrator: Migrator,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for attempt in [{ _ = try await migrator.migrate() }, { _ = try await migrator.status() }]
            as [() async throws -> Void]
        {
            let error = try await #require(throws: MigrationError.self, sourceLocation: sourceLocation) {
                try await attempt()
            }
            #expect(error.code == code, sourceLocation: sourceLocation)
            for word in words { #expect(error.description.contains(word), sourceLocation: sourceLocation) }
        }
    }

    @Test func aDatabaseThatIsNewerThanTheProgramIsRefused() async throws {
        try await MigrationDatabase.open { pool in
            try await migrator(pool).migrate()
            let numbers = Migration.all.map(\.number).suffix(2)
            try await expectRefusal(
                .newerDatabase, ["migration \(numbers.last ?? 0)", "knows \(numbers.first ?? 0)", "hindsight"],
                migrator(pool, Migration.all.dropLast()))
            #expect(try await recorded(pool).count == Migration.all.count)
        }
    }

    @Test func anEditedMigrationIsRefused() async throws {
        try await MigrationDatabase.open { pool in
            try await migrator(pool).migrate()
            for index in Migration.all.indices {
                var edited = Migration.all
                let old = edited[index]
                edited[index] = Migration(number: old.number, name: old.name, parts: old.parts, sql: old.sql + " ")
                try await expectRefusal(.edited, [old.name, "hindsight"], migrator(pool, edited))
            }
            // Nor does a new migration get in beside an edited one.
            let first = Migration.all[0]
            let edited = Migration(number: 1, name: first.name, sql: "-- \n" + first.sql)
            let next = Migration(number: 9_999, name: "next.sql", sql: "create table next (id int)")
            try await expectRefusal(
                .edited, [first.name], migrator(pool, [edited] + Migration.all.dropFirst() + [next]))
            #expect(try await migrator(pool).migrate().isEmpty)
        }
    }

    @Test func aMigrationThatFailsLeavesTheDatabaseAsItWas() async throws {
        try await MigrationDatabase.open { pool in
            let bad = Migration(number: 3, name: "bad.sql", sql: "create table half (id int); select 1 / 0")
            let some = Array(Migration.all.prefix(2))
            await #expect(throws: PostgresError.self) { try await migrator(pool, some + [bad]).migrate() }
            #expect(try await migrator(pool).status().allSatisfy { !$0.isApplied })
            try await migrator(pool, some).migrate()
            await #expect(throws: PostgresError.self) { try await migrator(pool, some + [bad]).migrate() }
            #expect(try await migrator(pool).migrate() == Migration.all.dropFirst(2).namesAsApplied)
        }
    }

    @Test(
        "a schema of any name holds a log that works",
        arguments: [
            "My \"Log\" of 'Orders'", "UPPER", "caf\u{e9} \u{1f600}", "a.b", "select", "x\\y",
            String(repeating: "n", count: 63),
        ])
    func schemaOfAnyName(_ schema: String) async throws {
        var configuration = PostgresEventLog.Configuration()
        configuration.schema = schema
        try await LogFixture.withLog(configuration: configuration) { fixture in
            let log = fixture.log
            #expect(try await recorded(fixture.pool, schema: fixture.schema) == Migration.all.map(\.name))
            try await log.append(LogFixture.event(1), to: "a-1")
            try await log.append([
                StreamAppend("a-1", [LogFixture.event(2)], expected: .exact(0)),
                StreamAppend("b-1", [LogFixture.event(3)]),
            ])
            var reader = LogReader(log, filter: .category("a"))
            try await reader.readAll()
            #expect(reader.seen.count == 2)
            let frontier = try await log.frontier()
            #expect(
                try await log.read(after: .beginning, through: frontier, filter: .all, limit: 1_000).events.count == 3)
            try await fixture.withRole { role, conninfo in
                try await fixture.pool.withTransaction { session in
                    try session.execute("select set_config('search_path', \(fixture.schema.quoted), true)")
                    try session.execute("select grant_append(\(PostgresIdentifier(role).quoted)::text::regrole)")
                }
                try await fixture.withAnotherLog(conninfo: conninfo) { appender in
                    let result = try await appender.append(LogFixture.event(4), to: "a-1")
                    #expect(result.version == 2)
                }
            }
        }
    }

    @Test func severalLogsFitInOneDatabase() async throws {
        try await MigrationDatabase.open { pool in
            for schema in ["one", "two"] {
                try await Migrator(pool: pool, schema: schema, logger: LogFixture.logger).migrate()
            }
            let logs = ["one", "two"].map { schema in
                var configuration = PostgresEventLog.Configuration()
                configuration.schema = schema
                return PostgresEventLog(pool: pool, configuration: configuration, logger: LogFixture.logger)
            }
            let event = LogFixture.event(1)
            for log in logs { #expect(try await log.append(event, to: "a-1").position == 1) }
            #expect(try await logs[0].identity() != logs[1].identity())
        }
    }

    @Test("the program has every file of schema/, in order")
    func everyFile() throws {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(root)/schema").filter {
            $0.hasSuffix(".sql")
        }.sorted()
        #expect(Migration.all.map(\.name) == files)
        // A file's number is in its name. Numbers may be left out, and none is used twice.
        #expect(Migration.all.map { String("000\($0.number)".suffix(4)) } == files.map { String($0.prefix(4)) })
        #expect(Set(Migration.all.map(\.number)).count == files.count)
        #expect(Migration.all.map(\.number) == Migration.all.map(\.number).sorted())
        for migration in Migration.all {
            let bytes = try #require(FileManager.default.contents(atPath: "\(root)/schema/\(migration.name)"))
            #expect(Array(bytes) == Array(migration.sql.utf8), "\(migration.name)")
        }
    }
}
