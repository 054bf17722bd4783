import CLibPQ

extension ServerLink {
    /// Runs a statement and returns its rows. A statement worth preparing is prepared once.
    func run(_ sql: SQL) throws -> ResultStorage {
        try retryingStalePlan { try runOnce(sql) }
    }

    /// Runs `body` again if a prepared statement turned out to be stale and this lost no transaction, neither an
    /// earlier one nor one that `body` began.
    func retryingStalePlan<T>(_ body: () throws -> T) throws -> T {
        let isAlone = !isInTransaction
        do {
            return try body()
        } catch let error as PostgresError where error.isStalePlan && isAlone && !isInTransaction {
            return try body()
        }
    }

    private func runOnce(_ sql: SQL) throws -> ResultStorage {
        guard configuration.preparesStatements else {
            return try runUnprepared(sql)
        }
        let key = StatementCache.Key(sql)
        if let name = statements.name(for: key) {
            return try withStatement(sql.text) { connection in
                try send(sql, prepared: name, connection)
                return try forgettingStalePlan(of: key) { try existing(try readResults(connection)) }
            }
        }
        switch StatementKind(sql.text) {
        case .preparable:
            return try runPipeline([[sql]])[0]
        case .copy, .other:
            return try runUnprepared(sql)
        }
    }

    /// Runs a statement without preparing it.
    func runUnprepared(_ sql: SQL) throws -> ResultStorage {
        try withStatement(sql.text) { connection in
            try sendUnprepared(sql, connection)
            return try existing(try readResults(connection))
        }
    }

    /// Runs one or several statements without parameters by the simple protocol.
    func runScript(_ text: String, cancellable: Bool = true) throws {
        _ = try runSimple(text, cancellable: cancellable)
    }

    /// Runs one or several statements by the simple protocol and returns the last one's result.
    func runSimple(_ text: String, cancellable: Bool = true) throws -> ResultStorage? {
        try withStatement(text, cancellable: cancellable) { connection in
            guard PQsendQuery(connection, text) != 0 else {
                throw refusal(connection)
            }
            return try readResults(connection)
        }
    }

    /// Calls `body` with each row as it arrives.
    func forEachRow(_ sql: SQL, _ body: (PostgresRow) throws -> Void) throws {
        try retryingStalePlan { try forEachRowOnce(sql, body) }
    }

    private func forEachRowOnce(_ sql: SQL, _ body: (PostgresRow) throws -> Void) throws {
        let key = StatementCache.Key(sql)
        if configuration.preparesStatements, statements.name(for: key) == nil,
            case .preparable = StatementKind(sql.text)
        {
            try prepare(sql, key)
        }
        try withStatement(sql.text) { connection in
            if let name = statements.name(for: key) {
                try send(sql, prepared: name, connection)
            } else {
                try sendUnprepared(sql, connection)
            }
            guard PQsetSingleRowMode(connection) != 0 else {
                throw refusal(connection)
            }
            wasSingleRowMode = true
            try forgettingStalePlan(of: key) { try readRows(connection, body) }
        }
    }

    private func readRows(_ connection: OpaquePointer, _ body: (PostgresRow) throws -> Void) throws {
        while let result = try nextResult(connection) {
            guard result.status == PGRES_SINGLE_TUPLE else {
                return try finishRows(connection, result)
            }
            do {
                try body(PostgresRow(storage: result, index: 0))
            } catch {
                try abandonResults(connection)
                throw error
            }
        }
        try checkAlive(connection, nil)
    }

    /// Handles the result that follows the last row: the end, or an error.
    private func finishRows(_ connection: OpaquePointer, _ result: ResultStorage) throws {
        switch result.status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            try readResults(connection)
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            try endUnwantedCopy(connection, result.status)
            try abandonResults(connection)
            throw PostgresError(.misuse, "COPY needs copyIn or copyOut")
        default:
            let error = failure(of: result)
            try abandonResults(connection)
            throw error
        }
    }

    /// Stops the statement in progress and discards the rest of its results.
    func abandonResults(_ connection: OpaquePointer) throws {
        gate.stopStatement()
        while try nextResult(connection) != nil {}
    }

    private func prepare(_ sql: SQL, _ key: StatementCache.Key) throws {
        try withStatement(sql.text) { connection in
            try checkText(sql)
            let name = statements.makeName()
            try sendPrepare(sql, name: name, connection)
            try readResults(connection)
            statements.insert(key, name: name)
        }
    }

    private func existing(_ result: ResultStorage?) throws -> ResultStorage {
        guard let result else {
            throw PostgresError(.misuse, "the statement is empty")
        }
        return result
    }

    /// Forgets a prepared statement that the server cannot run any more, and marks the error accordingly.
    private func forgettingStalePlan<T>(of key: StatementCache.Key, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as PostgresError {
            throw forgetIfStale(key, error)
        }
    }

    /// 0A000: the plan's result type has changed by DDL; 26000: the server does not know the statement.
    func forgetIfStale(_ key: StatementCache.Key, _ error: PostgresError) -> PostgresError {
        guard error.sqlState == "0A000" || error.sqlState == "26000", statements.name(for: key) != nil else {
            return error
        }
        statements.remove(key, isOnServer: error.sqlState != "26000")
        var error = error
        error.isStalePlan = true
        return error
    }
}
