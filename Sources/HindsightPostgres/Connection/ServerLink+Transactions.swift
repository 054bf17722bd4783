import CLibPQ

extension ServerLink {
    func begin(_ options: TransactionOptions) throws {
        guard !isInTransaction else {
            throw PostgresError(.misuse, "a transaction is open already")
        }
        try runScript("begin \(options.clauses)")
        transactionError = nil
    }

    /// Commits.
    ///
    /// Cancelling does not reach a `COMMIT`: it is about to be durable, and knowing its outcome matters more than
    /// ending quickly.
    ///
    /// - Throws: ``PostgresError`` with code `commitUnknown` if the connection broke after `COMMIT` was sent, `server`
    ///   with SQLSTATE 25P02 if the server rolled back because a statement had failed.
    func commit() throws {
        let connection = try liveConnection()
        switch PQtransactionStatus(connection) {
        case PQTRANS_IDLE:
            throw PostgresError(.misuse, "the transaction was ended inside its body")
        case PQTRANS_UNKNOWN:
            // The connection broke before COMMIT was sent: nothing was committed.
            throw loss()
        default:
            break
        }
        if gate.isCancelled {
            throw PostgresError(.cancelled, "the task was cancelled")
        }
        let cause = transactionError
        let result: ResultStorage?
        isCommitting = true
        defer { isCommitting = false }
        do {
            result = try runSimple("commit", cancellable: false)
        } catch let error as PostgresError where !status.isUsable {
            throw PostgresError(
                .commitUnknown, "the connection was lost while committing", sqlState: error.sqlState, underlying: error)
        }
        if result?.hasTag("ROLLBACK") == true {
            throw PostgresError(
                .server, "the transaction was rolled back, because a statement in it had failed", sqlState: "25P02",
                underlying: cause)
        }
    }

    /// Rolls back the open transaction. If that fails, the connection is given up, and with it the transaction.
    func rollBack() {
        guard status.isUsable, isInTransaction else { return }
        do {
            try runScript("rollback", cancellable: false)
        } catch {
            lose(PostgresError(.connectionLost, "ROLLBACK failed", underlying: error))
        }
    }

    func withSavepoint<T>(_ body: () throws -> T) throws -> T {
        guard isInTransaction else {
            throw PostgresError(.misuse, "a savepoint needs a transaction")
        }
        // Nested savepoints of one name hide each other, which is what nesting needs.
        try runScript("savepoint hindsight")
        let outerError = transactionError
        do {
            let value = try body()
            try runScript("release savepoint hindsight")
            return value
        } catch {
            if status.isUsable {
                do {
                    try runScript("rollback to savepoint hindsight; release savepoint hindsight", cancellable: false)
                    transactionError = outerError
                } catch let rollbackError {
                    lose(PostgresError(.connectionLost, "ROLLBACK TO SAVEPOINT failed", underlying: rollbackError))
                }
            }
            throw error
        }
    }
}
