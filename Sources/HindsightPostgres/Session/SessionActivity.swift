/// What a session of the server is doing, as `pg_stat_activity` shows it to the current role.
package struct SessionActivity: Hashable, Sendable {
    /// The server process; nil for a prepared transaction, which has none.
    package var processID: Int32?
    /// The session's role.
    package var role: String?
    /// The name that the client has given itself.
    package var application: String?
    /// `active`, `idle in transaction` and so on; nil if hidden.
    package var state: String?
    /// The last statement; nil if hidden.
    package var query: String?
    /// For how many seconds its transaction is open, or its statement runs; nil if hidden, or if there is none.
    package var seconds: Double?
    /// True if the current role may not see what the session does.
    package var isHidden: Bool

    /// The columns of a row `a` of `pg_stat_activity` that ``init(_:from:)`` reads.
    package static let columns: SQL = """
        a.pid, a.usename::text, a.application_name, a.state, a.query,
        extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.query_start))::double precision
        """

    /// Reads ``columns``, from an index on.
    package init(_ row: PostgresRow, from first: Int = 0) throws {
        processID = try row.decode(first)
        role = try row.decode(first + 1)
        application = try row.decode(first + 2, as: String?.self).flatMap { $0.isEmpty ? nil : $0 }
        state = try row.decode(first + 3)
        query = try row.decode(first + 4)
        seconds = try row.decode(first + 5)
        // What the server writes in place of a statement of another role.
        isHidden = query == "<insufficient privilege>"
        if isHidden { query = nil }
    }
}
