public import Hindsight
public import HindsightPostgres
public import Logging

/// What a command works with: the log, the database, and where its results go. It is valid while the command runs.
public struct AppRuntime: Sendable {
    /// The app's event log.
    public let log: any EventLog
    /// Connections to the database of the log and the views.
    public let pool: PostgresPool
    /// How the database is reached.
    public let database: PostgresConfiguration
    /// The app's event types.
    public let registry: EventRegistry
    /// The app's projections.
    public let projections: [any Projection]
    /// Where results, notes and progress go.
    public let output: CommandOutput
    /// The options that the command was called with.
    public let options: RuntimeOptions
    /// For what libraries have to say; standard error.
    public let logger: Logger
    /// What the app is called.
    public let name: String
    /// Which database it is, in words and without secrets.
    public let place: String

    /// The log's and the engine's schemas as options say.
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

    /// Tells other processes of what was appended, and closes the connections.
    func close() async {
        // A task of its own: what a command had stored before it was cancelled is news all the same.
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
