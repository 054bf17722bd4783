/// A connection while one unit of work has it. It exists only inside the closure that gets it, and all its methods are synchronous:
/// they block the connection's own thread and nobody else's.
///
/// After an error inside a transaction the server refuses everything but a rollback; use ``withSavepoint(_:)`` around what may fail.
public struct PostgresSession: ~Copyable {
    let link: ServerLink

    init(link: ServerLink) {
        self.link = link
    }

    /// Whether a transaction is open, failed or not.
    public var isInTransaction: Bool { link.isInTransaction }

    /// The server's process id for this connection, as in `pg_stat_activity.pid`.
    public var processID: Int32 { link.processID }

    /// Runs a statement and returns its rows.
    ///
    /// A statement that may be worth it is prepared on first use, in the same round trip, and kept for the connection by its text and
    /// the types of its parameters.
    ///
    /// - Throws: ``PostgresError`` with code `server`, `timeout`, `cancelled`, `connectionLost`, `encoding` or `misuse`.
    public mutating func query(_ sql: SQL) throws -> PostgresResult {
        PostgresResult(try link.run(sql))
    }

    /// Runs a statement and returns how many rows it affected.
    ///
    /// - Throws: As ``query(_:)`` does.
    @discardableResult
    public mutating func execute(_ sql: SQL) throws -> Int {
        try link.run(sql).rowsAffected
    }

    /// Runs several statements without parameters, separated by semicolons. Outside a transaction they are one transaction, unless
    /// the text says otherwise.
    ///
    /// - Throws: As ``query(_:)`` does.
    public mutating func script(_ text: String) throws {
        try link.runScript(text)
    }

    /// Runs statements in one round trip. Outside a transaction they are one transaction.
    ///
    /// - Parameter statements: The statements, none of them a `COPY`.
    /// - Returns: The result of each statement.
    /// - Throws: The first error, as ``query(_:)`` does. No statement after it has run.
    public mutating func pipeline(_ statements: [SQL]) throws -> [PostgresResult] {
        try link.retryingStalePlan { [link] in
            try link.runPipeline([statements]).map { PostgresResult($0) }
        }
    }

    /// Runs several transactions in one round trip. Each has snapshots of its own, taken when the one before has ended.
    ///
    /// - Parameter transactions: The statements of each transaction, none of them a `COPY`. Inside an open transaction they all
    ///   belong to that one.
    /// - Returns: The result of each statement, those of all transactions in one list.
    /// - Throws: The first error, as ``query(_:)`` does. The transactions after the one that failed have run, and may have been
    ///   committed.
    public mutating func pipeline(transactions: [[SQL]]) throws -> [PostgresResult] {
        // Some may have been committed, so running all of them again is not for this layer to decide.
        try link.runPipeline(transactions).map { PostgresResult($0) }
    }

    /// Runs a query and calls `body` with each row as it arrives, in constant memory.
    ///
    /// - Throws: As ``query(_:)`` does; what `body` throws, after the query has been stopped. Stopping counts as an error inside a
    ///   transaction.
    public mutating func forEachRow(_ sql: SQL, _ body: (PostgresRow) throws -> Void) throws {
        try link.forEachRow(sql, body)
    }

    /// Runs `COPY … TO STDOUT (FORMAT binary)` and calls `body` with each tuple as it arrives: the number of fields as `Int16`, then
    /// each field as its length (`Int32`, -1 for null) and its bytes.
    ///
    /// - Parameters:
    ///   - sql: The statement, without parameters.
    ///   - body: Gets a pointer that is valid only during the call.
    /// - Throws: As ``query(_:)`` does; what `body` throws, after the copy has been stopped. The connection stays usable, but
    ///   stopping counts as an error inside a transaction.
    public mutating func copyOut(_ sql: SQL, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try link.copyOut(sql, body)
    }

    /// Runs `COPY … FROM STDIN (FORMAT binary)` with the rows that `body` writes.
    ///
    /// - Returns: How many rows were stored.
    /// - Throws: As ``query(_:)`` does; what `body` throws, after the copy has been given up without storing a row.
    public mutating func copyIn(_ sql: SQL, _ body: (inout PostgresCopyWriter) throws -> Void) throws -> Int {
        try link.copyIn(sql, body)
    }

    /// Runs `body` inside a savepoint: if it throws, what it did is undone and the transaction can go on.
    ///
    /// - Throws: What `body` throws; ``PostgresError`` with code `misuse` outside a transaction.
    public mutating func withSavepoint<T>(_ body: (inout PostgresSession) throws -> T) throws -> T {
        let link = link
        return try link.withSavepoint {
            var session = PostgresSession(link: link)
            return try body(&session)
        }
    }
}
