import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Testing

@Suite("The parts of the schema", .timeLimit(.minutes(2)))
struct SchemaPartTests {
    private static let names: [Set<SchemaPart>: [String]] = [
        [.log]: Migration.all.filter { $0.parts.contains(.log) }.map(\.name),
        [.engine]: Migration.all.filter { $0.parts.contains(.engine) }.map(\.name),
    ]

    private static let readable = [
        "events", "log_identity", "positions", "offsets", "projections", "rebuilds", "migrations",
    ]

    private func withDatabase<Value>(_ body: (PostgresPool) async throws -> Value) async throws -> Value {
        let pool = PostgresPool(
            configuration: PostgresConfiguration(try await TestCluster.shared.makeDatabase()), maximumConnections: 4,
            logger: LogFixture.logger)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(pool))
        } catch {
            result = .failure(error)
        }
        await pool.close()
        return try result.get()
    }

    private func migrator(_ pool: PostgresPool, _ parts: Set<SchemaPart>) -> Migrator {
        Migrator(pool: pool, parts: parts, logger: LogFixture.logger)
    }

    private func tables(_ pool: PostgresPool) async throws -> [String] {
        try await pool.withSession { session in
            try session.query(
                "select tablename::text collate \"C\" from pg_tables where schemaname = 'hindsight' order by 1"
            ).map { try $0.decode(0) }
        }
    }

    /// Everything in the schema, with rights and bodies, and what is noted of the migrations.
    private func contents(_ pool: PostgresPool) async throws -> [String] {
        try await pool.withSession { session in
            try session.query(
                """
                select text from (
                    select format('%s %s %s %s', c.relkind, c.relname, c.relacl, array(
                        select format('%s %s %s', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull)
                        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 order by a.attnum)) as text
                    from pg_class c where c.relnamespace = 'hindsight'::regnamespace
                    union all
                    select format('function %s %s %s %s', p.oid::regprocedure, p.proacl, p.proconfig,
                        case when p.proname <> 'log_class' then p.prosrc end)
                    from pg_proc p where p.pronamespace = 'hindsight'::regnamespace
                    union all
                    select format('migration %s %s %s', m.number, m.name, m.checksum) from hindsight.migrations m) t
                order by text collate "C"
                """
            ).map { try $0.decode(0) }
        }
    }

    @Test func theLogAloneHasNoneOfTheEnginesTables() async throws {
        try await withDatabase { pool in
            let migrator = migrator(pool, [.log])
            #expect(try await migrator.status().map(\.name) == Self.names[[.log]])
            let applied = try await migrator.migrate()
            #expect(applied == Migration.all.filter { $0.parts.contains(.log) }.namesAsApplied)
            #expect(try await migrator.migrate().isEmpty)
            #expect(try await migrator.status().allSatisfy(\.isApplied))
            #expect(try await tables(pool) == ["events", "log_identity", "migrations"])
            let log = PostgresEventLog(pool: pool, logger: LogFixture.logger)
            try await log.append(LogFixture.event(1), to: "a-1")
            #expect(try await log.read(after: .beginning, limit: 10).events.count == 1)
        }
    }

    @Test func theEngineAloneHasNoneOfTheLogsTables() async throws {
        try await withDatabase { pool in
            let migrator = migrator(pool, [.engine])
            #expect(try await migrator.migrate() == Self.names[[.engine]])
            #expect(try await migrator.status().allSatisfy(\.isApplied))
            let tables = try await tables(pool)
            #expect(tables.contains("offsets") && tables.contains("projections"))
            #expect(!tables.contains("events") && !tables.contains("log_identity"))
        }
    }

    @Test("one part after the other, in either order, makes the same schema as both at once")
    func inAnyOrder() async throws {
        let orders: [[Set<SchemaPart>]] = [
            [[.log, .engine]], [[.log], [.engine]], [[.engine], [.log]], [[.log], [.log, .engine]],
            [[.engine], [.log, .engine]],
        ]
        var found: [[String]] = []
        for order in orders {
            found.append(
                try await withDatabase { pool in
                    var applied: [String] = []
                    for parts in order { applied += try await migrator(pool, parts).migrate() }
                    #expect(applied.sorted() == Migration.all.map(\.name))
                    #expect(try await migrator(pool, [.log, .engine]).status().allSatisfy(\.isApplied))
                    return try await contents(pool)
                })
        }
        for contents in found { #expect(contents == found[0]) }
    }

    @Test func aDatabaseThatIsNewerIsRefusedWhateverPartIsAskedFor() async throws {
        try await withDatabase { pool in
            try await migrator(pool, [.log]).migrate()
            try await pool.withSession {
                try $0.script("insert into hindsight.migrations values (9999, '9999_later.sql', 'x')")
            }
            for parts: Set<SchemaPart> in [[.log], [.engine], [.log, .engine]] {
                let error = try await #require(throws: MigrationError.self) {
                    try await migrator(pool, parts).migrate()
                }
                #expect(error.code == .newerDatabase)
            }
        }
    }

    @Test("a role gets rights on what there is", arguments: [Set<SchemaPart>([.log]), [.engine]])
    func roles(_ parts: Set<SchemaPart>) async throws {
        try await withDatabase { pool in
            try await migrator(pool, parts).migrate()
            let role = PostgresIdentifier("Reader \(UInt64.random(in: 0 ... .max))")
            try await pool.withSession { session in
                try session.script("create role \(role.quoted)")
                // A role that stays does no harm.
                defer { try? session.script("drop owned by \(role.quoted); drop role \(role.quoted)") }
                try session.script("set search_path = hindsight")
                try session.execute("select grant_read(\(role.quoted)::text::regrole)")
                for table in [
                    "events", "log_identity", "positions", "offsets", "projections", "rebuilds", "migrations",
                ] {
                    let row = try session.query(
                        """
                        select coalesce(has_table_privilege(\(role.name), to_regclass(\(table)), 'select'),
                            to_regclass(\(table)) is null)
                        """)[0]
                    #expect(try row.decode(0, as: Bool.self), "\(table)")
                }
                if parts == [.log] {
                    try session.execute("select grant_append(\(role.quoted)::text::regrole)")
                } else {
                    let error = #expect(throws: PostgresError.self) {
                        try session.execute("select grant_append(\(role.quoted)::text::regrole)")
                    }
                    #expect(error?.sqlState == "42883")
                }
                let isThere = try session.query("select to_regrole(\(role.quoted)) is not null")[0]
                #expect(try isThere.decode(0, as: Bool.self))
            }
        }
    }
}
