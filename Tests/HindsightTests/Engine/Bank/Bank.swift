import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Testing

/// A log of bank accounts with projections over it, and what tests ask about them.
struct Bank: Sendable {
    let fixture: LogFixture
    /// Where the views are; the log's own database unless a test says otherwise.
    let views: PostgresPool
    let viewsDatabase: PostgresConfiguration

    var log: PostgresEventLog { fixture.log }

    static let registry = {
        var registry = EventRegistry()
        registry.register(Deposited.self)
        registry.register(Withdrawn.self)
        registry.register(Closed.self)
        registry.register(Transferred.self)
        return registry
    }()

    /// An engine that looks for leases and stores idle offsets more often than a patient one would.
    static var impatient: EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.leaseInterval = .milliseconds(20)
        configuration.idleCommitInterval = .milliseconds(50)
        return configuration
    }

    /// Another build of the program, in which a fold was mended.
    static var mended: EngineConfiguration {
        var configuration = impatient
        configuration.build = "mended"
        return configuration
    }

    /// An engine whose batches are so small that a few hundred events are many of them.
    static var small: EngineConfiguration {
        var configuration = impatient
        configuration.catchUpBatch = 64
        configuration.liveBatch = 32
        configuration.catchUpThreshold = 100
        return configuration
    }

    /// Runs a test on a new log.
    static func open<Value>(
        conninfo: String? = nil, configuration: PostgresEventLog.Configuration = .init(),
        _ body: (Bank) async throws -> Value
    ) async throws -> Value {
        try await LogFixture.withLog(conninfo: conninfo, configuration: configuration) { fixture in
            try await body(Bank(fixture: fixture, views: fixture.pool, viewsDatabase: fixture.database))
        }
    }

    // MARK: - Writing

    @discardableResult
    func append(
        _ events: any Event..., to account: String, correlationID: String? = nil
    ) async throws -> AppendResult {
        try await log.append(
            events.map { try Self.registry.encode($0, correlationID: correlationID) },
            to: StreamName(category: "account", id: account), expected: .any)
    }

    /// Appends so many events to random accounts, in batches or one by one. The same seed gives the same events.
    func appendRandom(_ count: Int, seed: UInt64 = 1, batch: Int = 100) async throws {
        let events = try Self.randomEvents(count, seed: seed)
        for start in stride(from: 0, to: count, by: batch) {
            try await log.append(inOrder: Array(events[start..<min(count, start + batch)]))
        }
    }

    /// So many events of random accounts. The same seed gives the same events.
    static func randomEvents(_ count: Int, seed: UInt64) throws -> [StreamEvent] {
        var random = SeededGenerator(seed: seed)
        return try (1...count).map { number in
            let event = randomEvent(using: &random)
            let stream = StreamName(category: "account", id: Int.random(in: 0..<40, using: &random))
            let correlation = number.isMultiple(of: 3) ? nil : "request \(number)"
            return StreamEvent(stream, try registry.encode(event, correlationID: correlation))
        }
    }

    /// Appends events that no projection wants.
    func appendNoise(_ count: Int) async throws {
        let noise = (0..<count).map { StreamEvent(StreamName("noise-\($0 % 10)"), LogFixture.event($0, type: "Noise")) }
        for start in stride(from: 0, to: count, by: 1_000) {
            try await log.append(inOrder: Array(noise[start..<min(count, start + 1_000)]))
        }
    }

    private static func randomEvent(using random: inout SeededGenerator) -> any Event {
        switch Int.random(in: 0..<20, using: &random) {
        case 0: Closed()
        case 1...3:
            Transferred(to: "\(Int.random(in: 0..<40, using: &random))", amount: .random(in: 1...9, using: &random))
        case 4...9: Withdrawn(amount: .random(in: 1...100, using: &random))
        default: Deposited(amount: .random(in: 1...100, using: &random))
        }
    }

    // MARK: - Projecting

    func engine(
        _ projections: any Projection..., configuration: EngineConfiguration = Bank.impatient,
        registry: EventRegistry = Bank.registry
    ) -> ProjectionEngine {
        ProjectionEngine(
            ProjectionContext(
                log: log, database: viewsDatabase, pool: views, projections: projections, events: registry,
                configuration: configuration, logger: LogFixture.logger))
    }

    /// The same bank as another process sees it: a pool and a log of its own, whose connections carry a name.
    func asProcess<Value>(
        _ name: String, pollInterval: Duration = .milliseconds(100), _ body: (Bank) async throws -> Value
    ) async throws -> Value {
        var database = viewsDatabase
        database.applicationName = name
        let pool = PostgresPool(configuration: database, maximumConnections: 8, logger: LogFixture.logger)
        var configuration = log.configuration
        configuration.pollInterval = pollInterval
        let fixture = LogFixture(
            database: database, pool: pool,
            log: PostgresEventLog(pool: pool, configuration: configuration, logger: LogFixture.logger))
        do {
            let value = try await withRunning(fixture.log) { _ in
                try await body(Bank(fixture: fixture, views: pool, viewsDatabase: database))
            }
            await pool.close()
            return value
        } catch {
            await pool.close()
            throw error
        }
    }

    /// Ends the connections of a process, as far as a condition on `pg_stat_activity` holds for them.
    @discardableResult
    func terminate(_ process: String, where condition: String = "true") async throws -> Int {
        try await value(
            """
            select count(pg_terminate_backend(pid)) from pg_stat_activity
            where application_name = \(process) and datname = current_database() and \(unsafeSQL: condition)
            """)
    }

    func administration(_ projections: any Projection...) -> ProjectionAdministration {
        ProjectionAdministration(
            ProjectionContext(log: log, pool: views, projections: projections, events: Self.registry))
    }

    /// Runs `body` while an engine works, and shuts the engine down.
    func running<Value>(
        _ engine: ProjectionEngine, _ body: (RunningEngine) async throws -> Value
    ) async throws -> Value {
        let running = RunningEngine(engine)
        do {
            let value = try await body(running)
            try await running.shutDown()
            return value
        } catch {
            await running.cancel()
            throw error
        }
    }
}
