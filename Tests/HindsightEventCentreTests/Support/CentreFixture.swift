#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightNATS
    import HindsightPostgres
    import HindsightPostgresLog
    import HindsightTestSupport
    import HindsightValues
    import Logging
    import ServiceLifecycle
    import Testing

    /// A centre of the bank in a database of its own, on the NATS server that the tests share.
    struct CentreFixture: Sendable {
        let client: NATSClient
        let pool: PostgresPool
        let log: any EventLog
        let prefix: String

        static let logger: Logger = {
            var logger = Logger(label: "test")
            logger.logLevel = .error
            return logger
        }()

        var centre: EventCentreClient { EventCentreClient(client, prefix: prefix) }

        var context: ProjectionContext {
            ProjectionContext(
                log: log, pool: pool, projections: [Account.projection], events: Bank.registry, logger: Self.logger)
        }

        /// Runs a test.
        ///
        /// - Parameters:
        ///   - over: makes another log than PostgreSQL's.
        ///   - servers: other NATS servers than the one that the tests share.
        static func with(
            over makeLog: (NATSClient) async throws -> (any EventLog)? = { _ in nil }, on servers: [String]? = nil,
            _ body: (CentreFixture) async throws -> Void
        ) async throws {
            let urls = if let servers { servers } else { [try await NATSTestServer.shared().url] }
            let database = PostgresConfiguration(try await TestCluster.shared.makeDatabase())
            let pool = PostgresPool(configuration: database, maximumConnections: 8, logger: logger)
            do {
                try await Migrator(pool: pool, logger: logger).migrate()
                try await withClient(urls) { client in
                    let log: any EventLog = try await makeLog(client) ?? PostgresEventLog(pool: pool, logger: logger)
                    try await body(
                        CentreFixture(
                            client: client, pool: pool, log: log, prefix: NATSTestServer.uniqueName("centre")))
                }
            } catch {
                await pool.close()
                throw error
            }
            await pool.close()
        }

        /// Connects to one of some servers.
        static func withClient(_ urls: [String], _ body: (NATSClient) async throws -> Void) async throws {
            var configuration = NATSConfiguration()
            configuration.servers = urls
            try await NATSClient.withClient(configuration, logger: logger, body)
        }

        func node(
            _ commands: CommandRegistry = Bank.commands(), tasks: [EventTask] = [],
            _ change: (inout EventCentreConfiguration) -> Void = { _ in }
        ) -> EventCentre {
            var configuration = EventCentreConfiguration()
            configuration.prefix = prefix
            change(&configuration)
            return EventCentre(client, context: context, commands: commands, tasks: tasks, configuration: configuration)
        }

        /// Runs nodes while a body works, and drains them.
        func serving(_ nodes: [EventCentre], _ body: () async throws -> Void) async throws {
            let group = ServiceGroup(
                configuration: .init(services: nodes.map { .init(service: $0) }, logger: Self.logger))
            async let end: Void = group.run()
            do {
                try await body()
            } catch {
                await group.triggerGracefulShutdown()
                try? await end  // the first error is the one to tell
                throw error
            }
            await group.triggerGracefulShutdown()
            try await end
        }

        func serving(
            _ commands: CommandRegistry = Bank.commands(), tasks: [EventTask] = [], _ body: () async throws -> Void
        ) async throws {
            try await serving([node(commands, tasks: tasks)], body)
        }

        /// The answer to a request as text.
        func ask(_ subject: String, _ text: String) async throws -> String {
            try await eventuallyListening()
            return try await client.request(text.utf8, to: NATSSubject("\(prefix).\(subject)"), within: .seconds(10))
                .text
        }

        /// Waits until a node answers.
        func eventuallyListening() async throws { _ = try await centre.state(ofCommand: .version7()) }

        /// The amounts of an account's events, those taken out negative.
        func amounts(_ account: String) async throws -> [Int] {
            try await log.readStream(StreamName(category: "account", id: account)).map { event in
                event.type == Deposited.eventType
                    ? try Bank.registry.decode(Deposited.self, from: event).amount
                    : -(try Bank.registry.decode(Withdrawn.self, from: event).amount)
            }
        }
    }

    /// Waits until a condition holds, for a minute at most.
    func eventually(
        _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, what, sourceLocation: sourceLocation)
            try await Task.sleep(for: .milliseconds(5))
        }
    }
#endif
