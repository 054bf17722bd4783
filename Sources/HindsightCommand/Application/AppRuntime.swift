public import Hindsight
public import HindsightPostgres
public import Logging

/// The resources of a command: the log, the database, and the output. Valid while the command runs.
public struct AppRuntime: Sendable {
    /// The app's event log.
    public let log: any EventLog
    /// Connections to the database of the views, and of the log if that is in no stream.
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
    /// Where the log is.
    let logChoice: LogChoice

    /// The database by its name and server, unless these say nothing that the place does not; and the log, if it is elsewhere.
    var fullPlace: String {
        let address = isPrivate ? nil : try? ClientAddress(database)  // the place is enough
        let database = address.map { "\(place) (\($0.place))" } ?? place
        return switch logChoice {
        case .database: database
        case .stream(let address): "\(database) from \(address)"
        }
    }

    /// The part of it that works with the log alone.
    var logRuntime: LogRuntime {
        let logPlace =
            switch logChoice {
            case .database: place
            case .stream(let address): "\(address)"
            }
        return LogRuntime(
            log: log, registry: registry, output: output, options: options, logger: logger, name: name, place: logPlace)
    }

    /// The log's and the engine's schemas, according to the options.
    var engineConfiguration: EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.schema = options.schema
        configuration.viewSchema = options.viewSchema
        return configuration
    }

    /// What engine, rebuilds and administration work with.
    var context: ProjectionContext {
        ProjectionContext(
            log: log, database: database, pool: pool, projections: projections, events: registry,
            configuration: engineConfiguration, logger: logger)
    }

    var administration: ProjectionAdministration { ProjectionAdministration(context) }
}
