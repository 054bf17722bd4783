/// A connection during one unit of work. It exists only inside the closure that receives it, and all its methods are
/// synchronous: they block the connection's own thread and no other.
///
/// After an error inside a transaction the server refuses everything but a rollback; use ``withSavepoint(_:)`` around
/// statements that may fail.
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
    /// A statement worth preparing is prepared on first use, in the same round trip, and kept for the connection under
    /// its text and the types of its parameters.
    ///
    /// - Throws: ``PostgresError`` with code `server`, `timeout`, `cancelled`, `connectionLost`, `encoding` or
    ///   `misuse`.
    public mutating func query(_ sql: SQL) throws -> PostgresResult {
        PostgresResult(try link.run(sql))
    }

    /// Runs a statement and returns how many rows it affected.
    ///
    /// - Throws: as ``query(_:)`` does.
    @discardableResult
    public mutating func execute(_ sql: SQL) throws -> Int {
        try link.run(sql).rowsAffected
    }

    /// Runs several statements without parameters, separated by semicolons. Outside a transaction they are one
    /// transaction, unless the text controls transactions itself.
    ///
    /// - Throws: as ``query(_:)`` does.
    public mutating func script(_ text: String) throws {
        try link.runScript(text)
    }

    /// Runs statements in one round trip. Outside a transaction they are one transaction.
    ///
    /// - Parameter statements: the statements, none of them a `COPY`.
    /// - Returns: the result of each statement.
    /// - Throws: the first error, as ``query(_:)`` does. No statement after it has run.
    public mutating func pipeline(_ statements: [SQL]) throws -> [PostgresResult] {
        try link.retryingStalePlan { [link] in
            try link.runPipeline([statements]).map { PostgresResult($0) }
        }
    }

    /// Runs several transactions in one round trip. Each has its own snapshots, taken after the previous transaction
    /// has ended.
    ///
    /// - Parameter transactions: the statements of each transaction, none of them a `COPY`. Inside an open transaction,
    ///   all of them belong to it.
    /// - Returns: the result of each statement, of all transactions in one list.
    /// - Throws: the first error, as ``query(_:)`` does. The transactions after the failed one have run, and may have
    ///   been committed.
    public mutating func pipeline(transactions: [[SQL]]) throws -> [PostgresResult] {
        guard transactions.count > 1 else { return try pipeline(transactions.first ?? []) }
        // Some may have been committed, so this layer must not decide to run all of them again.
        return try link.runPipeline(transactions).map { PostgresResult($0) }
    }

    /// Runs a query and calls `body` with each row as it arrives, in constant memory.
    ///
    /// - Throws: as ``query(_:)`` does; what `body` throws, after the query has been stopped. Inside a transaction,
    ///   stopping counts as an error.
    public mutating func forEachRow(_ sql: SQL, _ body: (PostgresRow) throws -> Void) throws {
        try link.forEachRow(sql, body)
    }

    /// Runs `COPY … TO STDOUT (FORMAT binary)` and calls `body` with each tuple as it arrives: the number of fields as
    /// `Int16`, then each field as its length (`Int32`, -1 for null) and its bytes.
    ///
    /// - Parameters:
    ///   - sql: the statement, without parameters.
    ///   - body: gets a pointer that is valid only during the call.
    /// - Throws: as ``query(_:)`` does; what `body` throws, after the copy has been stopped. The connection stays
    ///   usable, but inside a transaction, stopping counts as an error.
    public mutating func copyOut(_ sql: SQL, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try link.copyOut(sql, body)
    }

    /// Runs `COPY … FROM STDIN (FORMAT binary)` with the rows that `body` writes.
    ///
    /// - Returns: how many rows were stored.
    /// - Throws: as ``query(_:)`` does; what `body` throws, after the copy has been given up without storing a row.
    public mutating func copyIn(_ sql: SQL, _ body: (inout PostgresCopyWriter) throws -> Void) throws -> Int {
        try link.copyIn(sql, body)
    }

    /// Runs `body` inside a savepoint: if it throws, its work is undone and the transaction can continue.
    ///
    /// - Throws: what `body` throws; ``PostgresError`` with code `misuse` outside a transaction.
    public mutating func withSavepoint<T>(_ body: (inout PostgresSession) throws -> T) throws -> T {
        let link = link
        return try link.withSavepoint {
            var session = PostgresSession(link: link)
            return try body(&session)
        }
    }
}
