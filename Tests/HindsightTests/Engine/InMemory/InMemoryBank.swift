import Hindsight
import HindsightPostgres
import HindsightTestSupport
import HindsightTesting
import Testing

/// A bank whose events are in a log without SQL. Its views are in PostgreSQL, in a database that has no table of PostgreSQL's log.
struct InMemoryBank: Sendable {
    let log: InMemoryEventLog
    /// The views, and what tests ask about them. Its own log is not there.
    let bank: Bank

    static let projections: [any Projection] = [
        Account.projection(), Turnover.projection(), Peer.projection(), Journal.projection(),
    ]

    private static let wanted = [
        "account": ["Deposited", "Withdrawn", "Closed"], "turnover": ["Deposited", "Withdrawn"],
        "peer": ["Transferred"], "journal": ["Deposited"],
    ]

    /// A log in which every position has an event, and one that draws positions before it commits.
    static let kinds: [LogAbilities] = [[], [.eventsByID, .holes]]

    /// Runs a test on a new log.
    static func open(_ abilities: LogAbilities, _ body: (InMemoryBank) async throws -> Void) async throws {
        let database = PostgresConfiguration(try await TestCluster.shared.makeDatabase())
        let pool = PostgresPool(configuration: database, maximumConnections: 12, logger: LogFixture.logger)
        let fixture = LogFixture(
            database: database, pool: pool, log: PostgresEventLog(pool: pool, logger: LogFixture.logger))
        let bank = InMemoryBank(
            log: InMemoryEventLog(abilities: abilities),
            bank: Bank(fixture: fixture, views: pool, viewsDatabase: database))
        do {
            try await Migrator(pool: pool, parts: [.engine], logger: LogFixture.logger).migrate()
            try await withRunning(bank.log) { _ in try await body(bank) }
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
    }

    // MARK: - Working

    /// Appends so many random events; the same seed gives the same ones.
    func appendRandom(_ count: Int, seed: UInt64 = 1, batch: Int = 100) async throws {
        let events = try Bank.randomEvents(count, seed: seed)
        for start in stride(from: 0, to: count, by: batch) {
            try await log.append(inOrder: Array(events[start..<min(count, start + batch)]))
        }
    }

    func engine(
        _ projections: [any Projection] = InMemoryBank.projections, configuration: EngineConfiguration = Bank.small
    ) -> ProjectionEngine {
        ProjectionEngine(
            ProjectionContext(
                log: log, database: bank.viewsDatabase, pool: bank.views, projections: projections,
                events: Bank.registry,
                configuration: configuration, logger: LogFixture.logger))
    }

    func rebuilder(
        _ projections: [any Projection] = InMemoryBank.projections, reading log: (any EventLog)? = nil
    ) -> ProjectionRebuilder {
        ProjectionRebuilder(
            ProjectionContext(
                log: log ?? self.log, database: bank.viewsDatabase, pool: bank.views, projections: projections,
                events: Bank.registry, configuration: Bank.small, logger: LogFixture.logger))
    }

    func administration(_ projections: [any Projection] = InMemoryBank.projections) -> ProjectionAdministration {
        ProjectionAdministration(
            ProjectionContext(log: log, pool: bank.views, projections: projections, events: Bank.registry))
    }

    // MARK: - Looking

    func untilApplied(_ names: [String] = Array(wanted.keys)) async throws {
        let head = try await log.frontier().position
        for name in names { try await bank.untilApplied(name, through: head) }
    }

    /// The views are what SQL makes of the same events, and each was applied once.
    func expectAll(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await copyToSQL()
        try await bank.expectAccounts(sourceLocation: sourceLocation)
        try await bank.expectTurnover(sourceLocation: sourceLocation)
        try await bank.expectPeers(sourceLocation: sourceLocation)
        try await bank.expect("journal", equals: Journal.recount(), sourceLocation: sourceLocation)
        for (name, types) in Self.wanted {
            try await bank.expectProven(name, types, sourceLocation: sourceLocation)
        }
    }

    /// Gives the recounts something to count: a table with what they ask for.
    func copyToSQL() async throws {
        let events = try await log.read(after: .beginning, limit: .max).events
        try await bank.views.withSession { session in
            try session.script(
                """
                drop table if exists hindsight.events;
                create table hindsight.events (
                    position bigint, stream text, type text, correlation_id text, data json)
                """)
            try session.execute(
                """
                insert into hindsight.events
                select position, stream, type, nullif(correlation, ''), data::json
                from unnest(\(events.map(\.position)), \(events.map { "\($0.stream)" }), \(events.map(\.type)),
                    \(events.map { $0.correlationID ?? "" }),
                    \(events.map { String(decoding: $0.data, as: UTF8.self) }))
                    e (position, stream, type, correlation, data)
                """)
        }
    }
}
