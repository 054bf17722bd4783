/// An error of the PostgreSQL layer: from the server, from the connection to it, or from encoding and decoding values.
///
/// ``description`` can go to any log: it holds no parameter, no row data and no password. ``debugDescription`` has all
/// details, including the statement and the server's detail.
public struct PostgresError: Error, Sendable {
    /// What kind of failure this is.
    public var code: Code
    /// What happened, in one sentence. A server's message may quote data.
    public var message: String
    /// The five-character SQLSTATE, if the server (or libpq) gave one.
    public var sqlState: String?
    /// The server's detail, which usually quotes row data.
    public var detail: String?
    /// The server's hint.
    public var hint: String?
    /// The name of the violated constraint.
    public var constraint: String?
    /// The name of the table that the error is about.
    public var table: String?
    /// The name of the column that the error is about.
    public var column: String?
    /// The text of the statement that failed, without its parameters.
    public var statement: String?
    /// The error behind this one.
    public var underlying: (any Error)?
    /// Whether a cached plan had gone stale, so that running the transaction again prepares a new one and can succeed.
    package var isStalePlan = false
    /// Whether the failure is transient, in cases where ``code`` and ``sqlState`` alone do not tell.
    package var passesByItself: Bool?

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: the kind of failure.
    ///   - message: what happened, in one sentence.
    ///   - sqlState: the five-character SQLSTATE, if there is one.
    ///   - underlying: the error behind this one.
    public init(_ code: Code, _ message: String, sqlState: String? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
        self.underlying = underlying
    }
}
