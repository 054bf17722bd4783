#if NATS
    import Hindsight
    import HindsightJetStream
    import HindsightNATS
    import HindsightPostgres
    import HindsightTestSupport
    import ServiceLifecycle
    import Testing

    /// The same projections over a log on JetStream, with offsets and views in PostgreSQL.
    @Suite("An engine over a log on JetStream", .serialized, .timeLimit(.minutes(3)))
    struct EngineTests {
        struct Paid: Event, Codable {
            var amount: Int
        }

        struct Refunded: Event, Codable {
            var amount: Int
        }

        /// What each account has, row by row.
        struct Balance: ViewRow, Hashable {
            var id = ""
            var entries = 0
            var amount = 0

            static let table = ViewTable("balance", of: Self(), key: \.id, \.entries, \.amount)

            static func projection(version: Int = 1) -> ViewProjection<Balance> {
                ViewProjection(Balance.self, version: version)
                    .on(Paid.self) { row, event, _ in row.add(event.amount) }
                    .on(Refunded.self) { row, event, _ in row.add(-event.amount) }
            }

            private mutating func add(_ amount: Int) {
                entries += 1
                self.amount += amount
            }
        }

        /// A log on JetStream, and a database with no table of PostgreSQL's log.
        struct Fixture: Sendable {
            let log: JetStreamEventLog
            let database: PostgresConfiguration
            let pool: PostgresPool

            static let registry = EventRegistry(Paid.self, Refunded.self)

            func context(_ log: (any EventLog)? = nil, version: Int = 1) -> ProjectionContext {
                var configuration = EngineConfiguration()
                configuration.catchUpBatch = 64
                configuration.liveBatch = 32
                configuration.catchUpThreshold = 100
                configuration.leaseInterval = .milliseconds(20)
                return ProjectionContext(
                    log: log ?? self.log, database: database, pool: pool,
                    projections: [Balance.projection(version: version)],
                    events: Self.registry, configuration: configuration, logger: LogFixture.logger)
            }

            /// Appends so many events, and adds them up by itself.
            func append(_ count: Int, seed: UInt64, to sums: inout [String: Balance]) async throws {
                var generator = SeededGenerator(seed: seed)
                for _ in 0..<count {
                    let id = "\(Int.random(in: 0..<40, using: &generator))"
                    let amount = Int.random(in: 1...100, using: &generator)
                    let isRefund = Int.random(in: 0..<4, using: &generator) == 0
                    let event =
                        try isRefund
                        ? Self.registry.encode(Refunded(amount: amount)) : Self.registry.encode(Paid(amount: amount))
                    try await log.append([event], to: StreamName(category: "account", id: id), expected: .any)
                    var balance = sums[id] ?? Balance(id: id)
                    balance.entries += 1
                    balance.amount += isRefund ? -amount : amount
                    sums[id] = balance
                }
            }

            func expect(_ sums: [String: Balance], sourceLocation: SourceLocation = #_sourceLocation) async throws {
                let rows = try await pool.withSession { session in
                    try session.query("select id, entries, amount from balance order by id").map { row in
                        Balance(id: try row.decode(0), entries: try row.decode(1), amount: try row.decode(2))
                    }
                }
                #expect(rows == sums.values.sorted { $0.id < $1.id }, sourceLocation: sourceLocation)
            }

            func running(_ body: () async throws -> Void) async throws {
                let group = ServiceGroup(
                    configuration: .init(
                        services: [.init(service: log), .init(service: ProjectionEngine(context()))],
                        logger: LogFixture.logger))
                async let end: Void = group.run()
                try await body()
                await group.triggerGracefulShutdown()
                try await end
            }

            /// Waits until the view has seen all that is in the log.
            func untilApplied() async throws {
                let head = try await log.frontier().position
                let administration = ProjectionAdministration(context())
                while try await administration.list().contains(where: { $0.offset < head }) {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }

        static func withFixture(_ body: (Fixture) async throws -> Void) async throws {
            try await LogFixture.withLog { fixture in try await withFixture(fixture.log, body) }
        }

        /// Runs `body` with a log and an empty database.
        static func withFixture(
            _ log: JetStreamEventLog, _ body: (Fixture) async throws -> Void
        ) async throws {
            try await withDatabase { database, pool in
                try await body(Fixture(log: log, database: database, pool: pool))
            }
        }

        /// Runs `body` with an empty database that has the engine's tables.
        static func withDatabase(
            connections: Int = 8, _ body: (PostgresConfiguration, PostgresPool) async throws -> Void
        ) async throws {
            let database = PostgresConfiguration(try await TestCluster.shared.makeDatabase())
            let pool = PostgresPool(
                configuration: database, maximumConnections: connections, logger: LogFixture.logger)
            do {
                try await Migrator(pool: pool, parts: [.engine], logger: LogFixture.logger).migrate()
                try await body(database, pool)
            } catch {
                await pool.close()
                throw error
            }
            await pool.close()
        }

        @Test("P3 P6 P7 catch-up and live events, each once, and again after a restart")
        func follows() async throws {
            try await Self.withFixture { fixture in
                var sums: [String: Balance] = [:]
                try await fixture.append(400, seed: 1, to: &sums)
                try await fixture.running {
                    try await fixture.untilApplied()
                    try await fixture.append(100, seed: 2, to: &sums)
                    try await fixture.untilApplied()
                }
                try await fixture.expect(sums)
                try await fixture.append(50, seed: 3, to: &sums)
                try await fixture.running { try await fixture.untilApplied() }
                try await fixture.expect(sums)
            }
        }

        @Test("P8 a rebuild by replay gives the same rows")
        func rebuilds() async throws {
            try await Self.withFixture { fixture in
                var sums: [String: Balance] = [:]
                try await fixture.append(700, seed: 4, to: &sums)
                try await fixture.running { try await fixture.untilApplied() }
                try await fixture.pool.withSession { session in
                    _ = try session.execute("update balance set amount = 0")
                }
                _ = try await ProjectionRebuilder(fixture.context()).rebuild(["balance"])
                try await fixture.expect(sums)
            }
        }

        @Test("D.19 a log that was recreated is noticed before anything is folded")
        func recreated() async throws {
            try await Self.withFixture { fixture in
                var sums: [String: Balance] = [:]
                try await fixture.append(120, seed: 5, to: &sums)
                try await fixture.running { try await fixture.untilApplied() }
                // Another log in a stream of the same name.
                let jetStream = JetStream(fixture.log.client)
                try await jetStream.deleteStream(fixture.log.streamName)
                let other = JetStreamEventLog(
                    fixture.log.client, stream: fixture.log.streamName, configuration: fixture.log.configuration,
                    logger: LogFixture.logger)
                try await other.prepare()
                for number in 0..<200 {
                    try await other.append(
                        [try Fixture.registry.encode(Paid(amount: number))], to: "account-0", expected: .any)
                }
                await #expect(throws: (any Error).self) {
                    try await ProjectionEngine(fixture.context(other)).run()
                }
                try await fixture.expect(sums)
            }
        }
    }
#endif
