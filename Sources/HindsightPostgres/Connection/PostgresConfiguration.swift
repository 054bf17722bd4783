public import HindsightValues

/// The address of a server, and the settings of connections to it.
///
/// Printing a configuration never shows the password.
public struct PostgresConfiguration: Sendable {
    /// A libpq connection string (`host=… dbname=…`) or a `postgresql://` URI. Missing parts come from the `PG…`
    /// environment variables and libpq's defaults.
    public var conninfo: String
    /// The name shown in `pg_stat_activity`, unless the connection string or `PGAPPNAME` sets another one.
    public var applicationName = "hindsight"
    /// How long connecting may take in total, for all hosts together.
    public var connectTimeout: Duration = .seconds(10)
    /// How long one statement may take; `nil` leaves the server's own setting.
    ///
    /// The server enforces it. If the server does not answer shortly after that time, the connection is given up.
    public var statementTimeout: Duration?
    /// Server settings for every connection, such as `work_mem`. They take precedence over the other properties.
    public var settings: [String: String] = [:]
    /// Whether statements are prepared once for each connection and reused. Turn it off behind a pooler that does not
    /// support this.
    public var preparesStatements = true
    /// The wait between attempts to connect, for a pool.
    public var reconnectBackoff = Backoff()

    /// Creates a configuration for a server.
    ///
    /// - Parameter conninfo: a libpq connection string or URI. Defaults to an empty string: the `PG…` environment
    ///   variables and libpq's defaults.
    public init(_ conninfo: String = "") {
        self.conninfo = conninfo
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Host, port, user and database, without the password.
    public var description: String {
        guard let parameters = try? ConnectionParameters(self) else {
            // An invalid string has no parts to name, and may hold a password anywhere.
            return "PostgresConfiguration(invalid connection string)"
        }
        return "PostgresConfiguration(\(parameters))"
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// Shows only ``description``.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
