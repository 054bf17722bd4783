import Hindsight
import HindsightPostgres
import Logging

/// Opens the event log in the app's database; the only place in the command line that knows this kind.
///
/// The commands use a log through its contract, and check for abilities that only some logs have (``LogAbilities``).
struct LogFactory {
    /// Connections to the database that the environment names.
    let pool: PostgresPool
    /// The schema of the log's objects.
    let schema: String
    let logger: Logger

    /// The log, which is not running yet.
    func open() -> any EventLog {
        var configuration = PostgresEventLog.Configuration()
        configuration.schema = schema
        return PostgresEventLog(pool: pool, configuration: configuration, logger: logger)
    }
}
