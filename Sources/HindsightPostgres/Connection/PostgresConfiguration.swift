public import HindsightValues

/// Where the server is and how to talk to it.
///
/// Printing a configuration never shows the password.
public struct PostgresConfiguration: Sendable {
    /// A libpq connection string (`host=… dbname=…`) or a `postgresql://` URI. What it leaves out comes from the `PG…` environment
    /// variables and libpq's defaults.
    public var conninfo: String
    /// Shown in `pg_stat_activity`, unless the connection string or `PGAPPNAME` says another.
    public var applicationName = "hindsight"
    /// How long connecting may take in all, for all hosts together.
    public var connectTimeout: Duration = .seconds(10)
    /// How long one statement may take; `nil` leaves the server's own setting.
    ///
    /// The server enforces it. If it does not answer a little later either, the connection is given up.
    public var statementTimeout: Duration?
    /// Server settings for every connection, such as `work_mem`. They win over the other properties.
    public var settings: [String: String] = [:]
    /// Whether statements are prepared once for each connection and reused. Turn it off behind a pooler that cannot do that.
    public var preparesStatements = true
    /// The wait between attempts to connect, for a pool.
    public var reconnectBackoff = Backoff()

    /// A configuration for this server.
    ///
    /// - Parameter conninfo: A libpq connection string or URI; empty for the `PG…` environment variables and libpq's defaults.
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

    /// Only what ``description`` shows.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
