public import Hindsight
public import HindsightPostgres
public import Logging

/// The resources of a command: the log, the database, and the output. Valid while the command runs.
public struct AppRuntime: Sendable {
    /// The app's event log.
    public let log: any EventLog
    /// Connections to the database of the log and the views.
    public let pool: PostgresPool
    /// The settings of connections to the database.
    public let database: PostgresConfiguration
    /// The app's event types.
    public let registry: EventRegistry
    /// The app's projections.
    public let projections: [any Projection]
    /// Where results, notes and progress go.
    public let output: CommandOutput
    /// The options of the command.
    public let options: RuntimeOptions
    /// The logger for messages of libraries, which go to standard error.
    public let logger: Logger
    /// The app's name.
    public let name: String
    /// A description of the database, without secrets.
    public let place: String
    /// True if the database is a private one in a local folder.
    let isPrivate: Bool

    /// The database by its name and server, unless these say nothing that the place does not.
    var fullPlace: String {
        guard !isPrivate, let address = try? ClientAddress(database) else { return place }  // the place is enough
        return "\(place) (\(address.place))"
    }

    /// The log's and the engine's schemas, according to the options.
    var engineConfiguration: EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.schema = options.schema
        configuration.viewSchema = options.viewSchema
        return configuration
    }

    /// Runs the log while `body` works with it.
    func running<Value>(_ body: () async throws -> Value) async throws -> Value {
        func run(_ log: some EventLog) async throws -> Value { try await withRunning(log) { _ in try await body() } }
        return try await run(log)
    }

    /// Notifies other processes of appends, and closes the connections.
    func close() async {
        // A task of its own: events that a command stored before it was cancelled must be announced, too.
        await Task { [log] in await log.flush() }.value
        await pool.close()
    }

    /// What engine, rebuilds and administration work with.
    var context: ProjectionContext {
        ProjectionContext(
            log: log, database: database, pool: pool, projections: projections, events: registry,
            configuration: engineConfiguration, logger: logger)
    }

    var administration: ProjectionAdministration { ProjectionAdministration(context) }
}
