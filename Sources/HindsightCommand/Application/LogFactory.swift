import Hindsight
import HindsightPostgres
import Logging

/// Opens the app's event log: the one place of the command line that knows which kind of log that is.
///
/// The commands see a log by its contract. What only some logs can do they ask for as an ability (``LogAbilities``).
struct LogFactory {
    /// Connections to the database that the environment names.
    let pool: PostgresPool
    /// The schema of the log's objects.
    let schema: String
    let logger: Logger

    /// A log that nobody runs yet.
    func open() -> any EventLog {
        var configuration = PostgresEventLog.Configuration()
        configuration.schema = schema
        return PostgresEventLog(pool: pool, configuration: configuration, logger: logger)
    }
}
