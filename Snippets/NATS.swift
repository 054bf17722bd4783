#if NATS
    import Hindsight
    import HindsightJetStream
    import HindsightNATS
    import Logging

    // snippet.client
    func greet(logger: Logger) async throws {
        var configuration = NATSConfiguration()
        configuration.servers = ["nats://127.0.0.1:4222"]
        try await NATSClient.withClient(configuration, logger: logger) { client in
            let greetings = try client.subscribe(to: "greetings.*", queue: "printers")
            try await client.publish("Hello".utf8, to: "greetings.world")
            for await message in greetings {
                print(message.subject, message.text)
                // Handles what has come, and ends the loop.
                greetings.drain()
            }
        }
    }
    // snippet.end

    // snippet.log
    func openLog(_ client: NATSClient, logger: Logger) async throws -> JetStreamEventLog {
        let log = JetStreamEventLog(client, stream: "SHOP", logger: logger)
        // Creates the stream, or refuses one that could lose events.
        try await log.prepare()
        return log
    }
    // snippet.end

    // snippet.index
    func openLog(_ client: NATSClient, ids pool: PostgresPool, logger: Logger) async throws -> JetStreamEventLog {
        var configuration = JetStreamEventLog.Configuration()
        configuration.idIndex = IDIndex(pool: pool)
        let log = JetStreamEventLog(client, stream: "SHOP", configuration: configuration, logger: logger)
        // Fills the index, which takes a while for the first time.
        try await log.prepare()
        return log
    }
    // snippet.end

    // snippet.engine
    func engine(
        over log: JetStreamEventLog, _ projections: [any Projection], database: PostgresConfiguration,
        pool: PostgresPool, logger: Logger
    ) -> ProjectionEngine {
        // Offsets and views stay in PostgreSQL.
        ProjectionEngine(
            ProjectionContext(log: log, database: database, pool: pool, projections: projections, logger: logger))
    }
// snippet.end
#endif
