import Hindsight
import HindsightPostgres
import HindsightTestSupport
import HindsightTesting
import Testing

/// What a service calls before it answers its first query.
@Suite("Preparing an engine", .serialized, .timeLimit(.minutes(2)))
struct PrepareTests {
    /// Runs a test with a database that has nothing in it.
    private func withNothing(_ body: (Bank) async throws -> Void) async throws {
        let database = PostgresConfiguration(try await TestCluster.shared.makeDatabase())
        let pool = PostgresPool(configuration: database, maximumConnections: 12, logger: LogFixture.logger)
        let log = PostgresEventLog(pool: pool, logger: LogFixture.logger)
        let fixture = LogFixture(database: database, pool: pool, log: log)
        do {
            try await body(Bank(fixture: fixture, views: pool, viewsDatabase: database))
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
    }

    @Test("On an empty database, each view can be queried and events be appended before an engine runs")
    func emptyDatabase() async throws {
        try await withNothing { bank in
            let engine = bank.engine(Account.projection(), Turnover.projection())
            try await engine.prepare()
            let views = Views(pool: bank.views)
            #expect(try await views.fetch(Account.query).isEmpty)
            #expect(try await views.fetch(Turnover.query).isEmpty)

            try await bank.append(Bank.Deposited(amount: 5), to: "1")
            #expect(try await views.row(Account.self, "1") == nil, "nothing is applied yet")
            try await engine.runUntilCaughtUp()
            #expect(try await views.row(Account.self, "1")?.balance == 5)

            try await engine.prepare()
            #expect(try await views.row(Account.self, "1")?.balance == 5, "a second call changes nothing")
        }
    }

    @Test("Many processes at once, twice each, on an empty database")
    func manyAtOnce() async throws {
        try await withNothing { bank in
            try await withThrowingTaskGroup(of: Void.self) { processes in
                for number in 1...8 {
                    processes.addTask {
                        let pool = PostgresPool(
                            configuration: bank.viewsDatabase, maximumConnections: 3, logger: LogFixture.logger)
                        let engine = ProjectionEngine(
                            ProjectionContext(
                                log: PostgresEventLog(pool: pool, logger: LogFixture.logger), pool: pool,
                                projections: [Account.projection(), Journal.projection()], logger: LogFixture.logger))
                        do {
                            for _ in 1...2 { try await engine.prepare() }
                            let count = try await Views(pool: pool).count(Account.query)
                            #expect(count == 0, "process \(number)")
                        } catch {
                            await pool.close()
                            throw error
                        }
                        await pool.close()
                    }
                }
                try await processes.waitForAll()
            }
            let versions = try await bank.administration(Account.projection()).versions(of: "account")
            #expect(versions.count == 1)
        }
    }

    @Test("While another engine is at work, nothing is taken from it")
    func besideAnEngine() async throws {
        try await Bank.open { bank in
            try await bank.running(bank.engine(Account.projection())) { _ in
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                try await bank.untilApplied("account")
                let before = try #require(try await bank.offset(of: "account"))
                try await bank.engine(Account.projection()).prepare()
                #expect(try await bank.offset(of: "account") == before)
            }
        }
    }

    @Test("A projection that has stopped remains so; only a start tries it again")
    func stopped() async throws {
        try await Bank.open { bank in
            let failing = Account.projection { _, _ in throw Bank.Refusal() }
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            await #expect(throws: ProjectionError.self) { try await bank.engine(failing).runUntilCaughtUp() }
            let sound = bank.engine(Account.projection(), configuration: Bank.mended)
            try await sound.prepare()
            #expect(try await bank.administration(failing).list()[0].state == .stopped)
            try await sound.runUntilCaughtUp()
            try await bank.expectAccounts()
        }
    }

    @Test("A setUp that fails stops its projection, and the others are prepared")
    func setUpFails() async throws {
        let broken = SQLProjection(
            "audit", version: 1, setUp: ["create table audit (amount money_of_the_bank)"], clear: ["truncate audit"]
        )
        .on(Bank.Deposited.self) { session, event, _ in
            try session.execute("insert into audit values (\(event.amount))")
        }
        try await withNothing { bank in
            try await bank.engine(broken, Account.projection()).prepare()
            #expect(try await Views(pool: bank.views).fetch(Account.query).isEmpty)
            let statuses = try await bank.administration(broken, Account.projection()).list()
            #expect(statuses.map(\.state) == [.stopped, .idle])
            #expect(statuses[0].error?.contains("money_of_the_bank") == true, "\(statuses[0])")
        }
    }

    @Test("A role that may not change the schemas prepares what is there")
    func withoutRights() async throws {
        try await withNothing { bank in
            try await bank.engine(Account.projection()).prepare()
            try await bank.fixture.withRole { role, conninfo in
                let name = PostgresIdentifier(role).quoted
                try await bank.script(
                    """
                    grant usage on schema hindsight to \(name);
                    grant select, insert, update on all tables in schema hindsight to \(name);
                    grant select on all sequences in schema hindsight to \(name);
                    grant execute on all functions in schema hindsight to \(name)
                    """)
                let pool = PostgresPool(configuration: PostgresConfiguration(conninfo), logger: LogFixture.logger)
                let log = PostgresEventLog(pool: pool, logger: LogFixture.logger)
                let engine = ProjectionEngine(
                    ProjectionContext(log: log, pool: pool, projections: [Account.projection()]))
                let result = await Task { try await engine.prepare() }.result
                await pool.close()
                try result.get()
            }
        }
    }

    @Test("A log that is elsewhere leaves no table of its own beside the views")
    func logElsewhere() async throws {
        try await withNothing { bank in
            let engine = ProjectionEngine(
                ProjectionContext(
                    log: InMemoryEventLog(), pool: bank.views, projections: [Account.projection()],
                    logger: LogFixture.logger))
            try await engine.prepare()
            #expect(try await Views(pool: bank.views).fetch(Account.query).isEmpty)
            let hasLog: Bool = try await bank.value("select to_regclass('hindsight.events') is not null")
            #expect(!hasLog)
        }
    }

    @Test("A declaration that cannot be kept up is refused")
    func refused() async throws {
        try await withNothing { bank in
            let error = await #expect(throws: ProjectionError.self) {
                try await bank.engine(Account.projection(), Account.projection()).prepare()
            }
            #expect(error?.code == .invalidDefinition)
        }
    }
}
