import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Testing

/// What ails a real database is found, and its remedy heals it.
@Suite("What a doctor finds", .timeLimit(.minutes(4)))
struct DoctorTests {
    private func administration(
        _ bank: Bank, pool: PostgresPool? = nil, log: PostgresEventLog? = nil, _ projections: any Projection...
    ) -> ProjectionAdministration {
        ProjectionAdministration(
            ProjectionContext(
                log: log ?? bank.log, pool: pool ?? bank.views, projections: projections, events: Bank.registry,
                configuration: Bank.impatient, logger: LogFixture.logger))
    }

    /// What is worse than a note.
    private func serious(_ administration: ProjectionAdministration) async throws -> [HealthFinding] {
        let report = try await administration.examine(app: "bank")
        #expect(report.unseen.isEmpty, "\(report.unseen)")
        return report.findings.filter { $0.severity > .note }
    }

    /// Runs the first statement of a remedy.
    private func heal(_ finding: HealthFinding, _ bank: Bank) async throws {
        let parts = (finding.remedy ?? "").split(separator: "`", omittingEmptySubsequences: false)
        let statement = String(try #require(parts.count > 1 ? parts[1] : nil, "\(finding)"))
        try await bank.script(statement)
    }

    /// Does harm, expects exactly one finding, and that its remedy heals it.
    private func expect(
        _ sentence: String, _ severity: HealthFinding.Severity, after harm: String..., in bank: Bank,
        _ administration: ProjectionAdministration, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for statement in harm { try await bank.script(statement) }
        let findings = try await serious(administration)
        #expect(findings.count == 1, "\(findings)", sourceLocation: sourceLocation)
        let finding = try #require(findings.first, sourceLocation: sourceLocation)
        #expect(
            finding.sentence.contains(sentence) && finding.severity == severity, "\(finding)",
            sourceLocation: sourceLocation)
        try await heal(finding, bank)
        let healed = try await serious(administration)
        #expect(healed.isEmpty, "\(healed)", sourceLocation: sourceLocation)
    }

    @Test("A sound log with an engine at work has nothing but notes; its objects are mended when they are harmed")
    func log() async throws {
        try await Bank.open { bank in
            let administration = administration(bank, Account.projection())
            try await bank.appendRandom(50)
            try await bank.running(bank.engine(Account.projection())) { _ in
                try await bank.untilApplied("account")
                #expect(try await serious(administration).isEmpty)
            }
            try await expect(
                "no index on (type, \"position\")", .warning, after: "drop index hindsight.events_type_position",
                in: bank,
                administration)
            try await expect(
                "no index on (category(stream), \"position\")", .warning,
                after: "drop index hindsight.events_category_position", in: bank, administration)
            try await expect(
                "no index on (stream, version)", .danger,
                after: "alter table hindsight.events drop constraint events_stream_version_key", in: bank,
                administration)
            await #expect(throws: PostgresError.self) {
                try await bank.script("create unique index concurrently twice on hindsight.events (type)")
            }
            let invalid = try await serious(administration)
            #expect(invalid.map(\.sentence).first?.hasPrefix("Index twice on events is not valid") == true)
            try await bank.script("drop index concurrently hindsight.twice")
            let head = try await bank.log.frontier().position
            try await bank.script("select setval('hindsight.positions', \(head + 3))")
            #expect(try await serious(administration).isEmpty, "holes are as they should be")
            let behind = "The next position would be 4, but there are events up to \(head)"
            try await bank.script("select setval('hindsight.positions', 3)")
            let finding = try #require(try await serious(administration).first { $0.sentence.hasPrefix(behind) })
            // Another process has not read yet which log it is, and cannot.
            try await bank.asProcess("doctor") { process in
                let report = try await self.administration(process, Account.projection()).examine(app: "bank")
                #expect(
                    report.findings.contains { $0.sentence.hasPrefix(behind) && $0.severity == .danger }, "\(report)")
                #expect(report.unseen.contains { $0.contains("stands behind its events") }, "\(report)")
            }
            #expect(finding.severity == .danger)
            try await bank.script("select setval('\"hindsight\".\"positions\"', \(head))")
            #expect(finding.remedy?.hasSuffix("`select setval('\"hindsight\".\"positions\"', \(head))`") == true)
            try await expect(
                "The sequence of positions was altered", .danger, after: "alter sequence hindsight.positions cache 20",
                in: bank,
                administration)
            try await expect(
                "Table offsets is unlogged", .danger, after: "alter table hindsight.offsets set unlogged", in: bank,
                administration)
            try await expect(
                "Row security is on", .warning, after: "alter table hindsight.events enable row level security",
                in: bank,
                administration)
            try await bank.script(
                "update hindsight.events set recorded_at = recorded_at + interval '1 hour' where position = \(head)")
            #expect(try await serious(administration).first?.sentence.contains("in the future") == true)
        }
    }

    @Test(
        "Views, tables and indexes that somebody has dropped, tables that nothing names, a table that cannot be dropped"
    )
    func views() async throws {
        try await Bank.open { bank in
            let administration = administration(bank, Account.projection())
            try await bank.appendRandom(50)
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let idle = try await administration.examine(app: "bank")
            #expect(idle.findings.contains { $0.severity == .note && $0.remedy == "`bank run`" }, "\(idle)")
            let table = try #require(try await bank.shownTable("account"))
            try await expect(
                "View account, the stable name", .danger, after: "drop view account", in: bank, administration)
            try await expect(
                "has no primary key (id)", .danger,
                after: "alter table hindsight.\(table) drop constraint \(table)_pkey",
                in: bank, administration)
            try await expect(
                "Nothing names table account_v7", .warning, after: "create table hindsight.account_v7 ()", in: bank,
                administration)
            try await bank.script(
                """
                create table hindsight.account_v0 (id text);
                create view report as select * from hindsight.account_v0;
                insert into hindsight.discarded_tables values ('account_v0', now() - interval '1 hour')
                """)
            let kept = try await serious(administration)
            #expect(kept.map(\.evidence.first?.text) == ["report"], "\(kept)")
            try await bank.script("drop view report; drop table hindsight.account_v0")
            let undeclared = try await self.administration(bank, Turnover.projection()).examine(app: "bank")
            let note = try #require(
                undeclared.findings.first { $0.sentence.hasPrefix("Nobody declares account version 1") })
            #expect(note.severity == .note)
            try await heal(note, bank)
            #expect(try await bank.shownTable("account") == nil)
            let after = try await self.administration(bank, Turnover.projection()).examine(app: "bank")
            #expect(!after.findings.contains { $0.sentence.contains("account") }, "\(after)")
        }
    }

    @Test("Offsets that do not fit the log, stopped and paused projections, processes that are gone or hang")
    func engine() async throws {
        try await Bank.open { bank in
            let failing = Account.projection { event, _ in if event.amount == 13 { throw Bank.Refusal() } }
            let administration = administration(bank, failing)
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            try await bank.append(Bank.Deposited(amount: 13), to: "7")
            await #expect(throws: ProjectionError.self) { try await bank.engine(failing).runUntilCaughtUp() }
            let stopped = try await serious(administration)
            #expect(stopped.map(\.remedy) == ["mend what failed, and `bank projections resume account`"], "\(stopped)")
            _ = try await administration.pause("account", reason: "the disk is full")
            let paused = try await administration.examine(app: "bank")
            #expect(
                paused.findings.contains { $0.severity == .note && $0.sentence.contains("the disk is full") },
                "\(paused)")
            _ = try await administration.resume("account")

            try await bank.script(
                """
                insert into hindsight.nodes (id, log, name, build, process, started_at, session_pid, session_start, renewed_at,
                    leased_until, projection_names, projection_versions)
                select gen_random_uuid(), l.id, 'hanging', 'b', 7, now(), a.pid, a.backend_start, now() - interval '1 minute',
                    now() - interval '1 minute', '{account}'::text[], '{1}'::integer[]
                from hindsight.log_identity l, pg_stat_get_activity(pg_backend_pid()) a
                union all
                select gen_random_uuid(), l.id, 'gone', 'b', 8, now(), 1, now(), now() - interval '1 minute',
                    now() - interval '1 minute', '{account}'::text[], '{1}'::integer[]
                from hindsight.log_identity l
                """)
            let nodes = try await administration.examine(app: "bank").findings
            #expect(
                nodes.contains { $0.severity == .warning && $0.sentence.hasPrefix("Process hanging hangs") }, "\(nodes)"
            )
            #expect(
                nodes.contains { $0.severity == .note && $0.sentence.hasPrefix("Process gone has ended") }, "\(nodes)")
            try await bank.script("delete from hindsight.nodes; delete from hindsight.events where position = 1")
            let rewound = try await serious(administration)
            #expect(rewound.map(\.severity) == [.danger])
            #expect(rewound.first?.remedy?.contains("`bank projections reset account`") == true, "\(rewound)")
        }
    }

    @Test("Settings of the server and of a role, with what they endanger")
    func settings() async throws {
        let server = try await PrivateTestCluster.start(settings: [
            "fsync": "off", "full_page_writes": "off", "autovacuum": "off", "synchronous_standby_names": "",
        ])
        try await Bank.open(conninfo: server.conninfo) { bank in
            let found = try await serious(administration(bank, Account.projection()))
            #expect(found.map(\.severity) == [.danger, .danger, .warning], "\(found)")
            #expect(found.map { $0.sentence.prefix { $0 != " " } } == ["fsync", "full_page_writes", "autovacuum"])
        }
        try await server.stop()
    }

    @Test("A role's own settings are those of the program; what it may not see is said")
    func roles() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 5), to: "7")
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let settings = ["synchronous_commit": "off", "statement_timeout": "5s"]
            try await bank.fixture.withRole(settings) { role, conninfo in
                try await bank.fixture.withAnotherLog(conninfo: conninfo) { log in
                    let administration = administration(bank, pool: log.pool, log: log, Account.projection())
                    let stranger = try await administration.examine(app: "bank")
                    #expect(stranger.unseen.contains { $0.contains("permission denied") }, "\(stranger)")
                    try await bank.views.withSession { session in
                        try session.execute(
                            "select hindsight.grant_read(\(PostgresIdentifier(role).quoted)::text::regrole)")
                    }
                    let reader = try await administration.examine(app: "bank")
                    #expect(reader.unseen.contains { $0.contains("pg_read_all_stats") }, "\(reader)")
                    #expect(!reader.unseen.contains { $0.contains("permission denied") }, "\(reader)")
                    let timeout = try #require(
                        reader.findings.first { $0.sentence.hasPrefix("statement_timeout is 5000 ms") })
                    let quoted = PostgresIdentifier(role).quoted
                    #expect(timeout.remedy == "`alter role \(quoted) set statement_timeout = 0`")
                    let commit = try #require(
                        reader.findings.first { $0.sentence.hasPrefix("synchronous_commit is off") })
                    #expect(commit.severity == .note)
                    #expect(
                        reader.findings.filter { $0.sentence.contains("synchronous_commit") }.count == 1, "\(reader)")
                    try await heal(timeout, bank)
                    try await bank.script("alter role \(quoted) connection limit 3")
                }
                try await bank.fixture.withAnotherLog(conninfo: conninfo) { log in
                    let report = try await administration(bank, pool: log.pool, log: log, Account.projection())
                        .examine()
                    #expect(!report.findings.contains { $0.sentence.contains("statement_timeout") }, "\(report)")
                    #expect(report.findings.contains { $0.sentence.contains("of 3 connections left") }, "\(report)")
                }
                // Another role sees that one of them has commits that do not wait.
                let other = try await administration(bank, Account.projection()).examine(app: "bank")
                let override = try #require(
                    other.findings.first { $0.sentence.hasPrefix("synchronous_commit is off for role \(role)") })
                try await heal(override, bank)
                let healed = try await administration(bank, Account.projection()).examine(app: "bank")
                #expect(!healed.findings.contains(override))
            }
        }
    }

    @Test("Tables that somebody has locked are not waited for without an end, and no lock is left behind")
    func locked() async throws {
        try await Bank.open { bank in
            try await bank.engine(Account.projection()).runUntilCaughtUp()
            let table = try #require(try await bank.shownTable("account"))
            let holder = try await OpenTransaction.begin(in: bank.views)
            try await holder.run {
                try $0.execute(SQL(unsafeSQL: "lock table hindsight.\(table) in access exclusive mode"))
            }
            #expect(try await serious(administration(bank, Account.projection())).isEmpty, "a view's table is not read")
            try await holder.rollBack()
            let open = try await OpenTransaction.begin(in: bank.views)
            try await open.run { try $0.execute("lock table hindsight.offsets in access exclusive mode") }
            let start = ContinuousClock.now
            let report = try await administration(bank, Account.projection()).examine(app: "bank")
            #expect(
                report.unseen.contains { $0.hasPrefix("the tables of the engine: no answer within 5 s") }, "\(report)")
            #expect(ContinuousClock.now - start < .seconds(60))
            let waiting: Int64 = try await bank.value(
                "select count(*) from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())"
            )
            #expect(waiting == 0)
            let health = try await #require(throws: PostgresError.self) {
                try await administration(bank, Account.projection()).health()
            }
            #expect(health.code == .timeout)
            try await open.rollBack()
            #expect(try await serious(administration(bank, Account.projection())).isEmpty)
        }
    }

    @Test("A database without a schema, one of a newer program, and one that is not there")
    func elsewhere() async throws {
        try await Bank.open { bank in
            try await bank.script(
                "insert into hindsight.migrations (number, name, checksum) values (9999, 'later.sql', 'x')")
            let newer = try await serious(administration(bank, Account.projection()))
            #expect(
                newer.count == 1 && newer.first?.remedy?.hasPrefix("use a program that is at least as new") == true,
                "\(newer)")
            try await bank.script("delete from hindsight.migrations where number in (9999, 17)")
            let older = try await serious(administration(bank, Account.projection()))
            #expect(older.count == 1 && older.first?.remedy == "`bank database migrate`", "\(older)")
            try await bank.script("drop schema hindsight cascade")
            let none = try await serious(administration(bank, Account.projection()))
            #expect(none.map(\.remedy) == ["`bank database migrate`"], "\(none)")
            var database = bank.viewsDatabase
            database.conninfo = "host=127.0.0.1 port=1 dbname=nothing"
            let pool = PostgresPool(configuration: database, logger: LogFixture.logger)
            let away = try await administration(bank, pool: pool, Account.projection()).examine(app: "bank")
            #expect(
                away.findings.contains { $0.sentence == "The database of the views cannot be reached." }, "\(away)")
            let deadLog = PostgresEventLog(pool: pool, logger: LogFixture.logger)
            let dead = try await administration(bank, log: deadLog, Account.projection()).examine(app: "bank")
            await pool.close()
            #expect(dead.findings.map(\.sentence) == ["The log cannot be reached."], "\(dead)")
        }
    }
}
