import CLibPQ

extension ServerLink {
    /// The connection, if it can be used.
    ///
    /// - Throws: ``PostgresError`` with code `closed` or `connectionLost`.
    func liveConnection() throws -> OpaquePointer {
        try status.check()
        guard let connection else {
            throw PostgresError(.closed, "the connection is closed")
        }
        return connection
    }

    /// Runs `body` as one statement: cancelling can stop it, and its errors carry its text.
    func withStatement<T>(
        _ text: String, cancellable: Bool = true, _ body: (OpaquePointer) throws -> T
    ) throws -> T {
        let connection = try liveConnection()
        if cancellable {
            try gate.begin()
        }
        defer {
            if cancellable, !gate.end() {
                awaitCancelRequest()
            }
            deliverNotifications()
        }
        do {
            return try body(connection)
        } catch var error as PostgresError {
            error.statement = error.statement ?? scrubber.scrub(text)
            transactionError = transactionError ?? error
            if error.sqlState == "25006", error.isRetriable {
                // Another server may accept writes by now, and only a new connection finds it.
                lose(error)
            }
            throw error
        }
    }

    /// The next result of the statement in progress, `nil` after its last one and when the connection is lost.
    func nextResult(_ connection: OpaquePointer) throws -> ResultStorage? {
        guard status.isUsable else { return nil }
        while PQisBusy(connection) != 0 {
            try makeProgress(connection)
        }
        return PQgetResult(connection).map { ResultStorage($0) }
    }

    /// Reads all results of statements sent outside pipeline mode and returns the last one.
    ///
    /// - Throws: the first error among them.
    @discardableResult
    func readResults(_ connection: OpaquePointer) throws -> ResultStorage? {
        var last: ResultStorage?
        var failure: PostgresError?
        while let result = try nextResult(connection) {
            switch result.status {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                noteForgottenStatements(result)
                last = result
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                failure = failure ?? PostgresError(.misuse, "COPY needs copyIn or copyOut")
                try endUnwantedCopy(connection, result.status)
            default:
                let error = self.failure(of: result)
                failure = failure ?? error
            }
        }
        try checkAlive(connection, failure)
        if let failure {
            throw failure
        }
        return last
    }

    /// - Throws: the failure, or the connection's own error if it broke without any other.
    func checkAlive(_ connection: OpaquePointer, _ failure: PostgresError?) throws {
        guard PQstatus(connection) == CONNECTION_BAD || !status.isUsable else { return }
        guard let failure else {
            try status.check()
            throw loss()
        }
        let error = lost(failure)
        lose(error)
        throw error
    }

    /// The error that a result stands for.
    func failure(of result: ResultStorage) -> PostgresError {
        var error = PostgresError(result: result.result, scrubber: scrubber)
        if error.sqlState == "57014" {
            if gate.isCancelled {
                error.code = .cancelled
            } else if error.message.contains("statement timeout") || error.message.contains("lock timeout") {
                error.code = .timeout
            }
        }
        if result.isFatal || error.sqlState == nil {
            error = lost(error)
            lose(error)
        } else if error.sqlState == "25006", onlyReads {
            error.passesByItself = true
        }
        return error
    }

    /// The error of a call that libpq refused.
    func refusal(_ connection: OpaquePointer) -> PostgresError {
        PQstatus(connection) == CONNECTION_BAD ? loss() : connectionError(.misuse)
    }

    /// Notes that the connection is lost, and returns the reason.
    func loss() -> PostgresError {
        let error = connectionError(.connectionLost)
        lose(error)
        return error
    }

    /// What libpq says about the connection.
    func connectionError(_ code: PostgresError.Code) -> PostgresError {
        let message = connection.map { String(cString: PQerrorMessage($0)).trimmingLineEnds() } ?? "out of memory"
        return PostgresError(code, scrubber.scrub(message.isEmpty ? "the connection broke" : message))
    }

    /// Whether the server or the role forbids writing, regardless of the transaction's own setting.
    private var onlyReads: Bool {
        ["in_hot_standby", "default_transaction_read_only"].contains { (name: String) in
            connection.flatMap { PQparameterStatus($0, name) }.map { String(cString: $0) == "on" } ?? false
        }
    }

    private func lost(_ error: PostgresError) -> PostgresError {
        var error = error
        if error.code == .server {
            error.code = .connectionLost
        }
        return error
    }

    /// Prepared statements do not survive `DISCARD ALL` and `DEALLOCATE ALL`.
    private func noteForgottenStatements(_ result: ResultStorage) {
        if result.hasTag("DISCARD ALL") || result.hasTag("DEALLOCATE ALL") {
            statements.removeAll()
        }
    }

    /// Ends a `COPY` that was not started by `copyIn` or `copyOut`.
    func endUnwantedCopy(_ connection: OpaquePointer, _ status: ExecStatusType) throws {
        switch status {
        case PGRES_COPY_IN:
            PQputCopyEnd(connection, "COPY needs copyIn")
        case PGRES_COPY_OUT:
            gate.stopStatement()
            try discardCopyData(connection)
        default:
            let error = PostgresError(.misuse, "a replication connection is of no use here")
            lose(error)
            throw error
        }
    }
}
