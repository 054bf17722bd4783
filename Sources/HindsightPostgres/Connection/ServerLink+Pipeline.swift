import CLibPQ

extension ServerLink {
    /// The steps of a pipeline to which the server answers, in order.
    private enum PipelineStep {
        /// A statement that was discarded is deallocated.
        case deallocate
        /// The statement with this number is prepared under a name.
        case prepare(Int, name: String)
        /// The statement with this number is run.
        case run(Int)
        /// The end of an implicit transaction.
        case synchronize
    }

    /// Sends the statements of one or several transactions together and reads their results.
    ///
    /// - Parameter transactions: if a transaction is open, all belong to it.
    /// - Throws: the first error. No statement after it has run in its transaction.
    func runPipeline(_ transactions: [[SQL]]) throws -> [ResultStorage] {
        let statements = transactions.flatMap(\.self)
        guard let first = statements.first else { return [] }
        for sql in statements {
            try checkText(sql)
            // Finds a parameter that cannot be encoded before anything is sent.
            try sql.withParameters { _ in }
            if case .copy = StatementKind(sql.text) {
                throw PostgresError(.misuse, "COPY cannot be part of a pipeline")
            }
        }
        return try withStatement(statements.count == 1 ? first.text : "pipeline") { connection in
            guard PQenterPipelineMode(connection) != 0 else {
                throw refusal(connection)
            }
            do {
                let steps = try sendPipeline(transactions, connection)
                let results = try readPipeline(statements, steps, connection)
                guard PQexitPipelineMode(connection) != 0 else {
                    throw refusal(connection)
                }
                return try results.get()
            } catch let error as PostgresError {
                if PQpipelineStatus(connection) != PQ_PIPELINE_OFF {
                    // Half a pipeline has been sent; where its answers end is unknown.
                    lose(error)
                }
                throw error
            }
        }
    }

    private func sendPipeline(
        _ transactions: [[SQL]], _ connection: OpaquePointer
    ) throws -> [PipelineStep] {
        var steps: [PipelineStep] = []
        if wasSingleRowMode {
            // libpq 15 does not leave single-row mode before a pipeline's first query, only after its first answer.
            try synchronize(connection, &steps)
            wasSingleRowMode = false
        }
        for name in statements.takeDiscarded() where PQtransactionStatus(connection) != PQTRANS_INERROR {
            try sendUnprepared("deallocate \(identifier: PostgresIdentifier(name))", connection)
            steps.append(.deallocate)
        }
        // A first statement may be a BEGIN that sets the isolation level, which has to be the first of its transaction.
        if !steps.isEmpty { try synchronize(connection, &steps) }
        // Names given in this pipeline; they go into the cache once the server has confirmed them.
        var fresh: [StatementCache.Key: String] = [:]
        var index = 0
        for transaction in transactions where !transaction.isEmpty {
            for sql in transaction {
                let key = StatementCache.Key(sql)
                if let name = statements.name(for: key) ?? fresh[key] {
                    try send(sql, prepared: name, connection)
                } else if configuration.preparesStatements, case .preparable = StatementKind(sql.text) {
                    let name = statements.makeName()
                    fresh[key] = name
                    try sendPrepare(sql, name: name, connection)
                    steps.append(.prepare(index, name: name))
                    try send(sql, prepared: name, connection)
                } else {
                    try sendUnprepared(sql, connection)
                }
                steps.append(.run(index))
                index += 1
            }
            try synchronize(connection, &steps)
        }
        return steps
    }

    private func synchronize(_ connection: OpaquePointer, _ steps: inout [PipelineStep]) throws {
        guard PQpipelineSync(connection) != 0 else {
            throw refusal(connection)
        }
        steps.append(.synchronize)
    }

    /// Reads every step's answer. The outer `throws` is for a connection that cannot continue, the result for an error
    /// of a statement.
    private func readPipeline(
        _ sqls: [SQL], _ steps: [PipelineStep], _ connection: OpaquePointer
    ) throws -> Result<[ResultStorage], PostgresError> {
        var results: [ResultStorage] = []
        var failure: PostgresError?
        for step in steps {
            switch step {
            case .deallocate:
                // The server forgot the statement by itself, and now refuses what follows. Its name is not used again.
                if case .failure(var error) = try readStep(connection) {
                    error.isStalePlan = true
                    failure = failure ?? error
                }
            case .prepare(let index, let name):
                switch try readStep(connection) {
                case .success: statements.insert(StatementCache.Key(sqls[index]), name: name)
                case .failure(let error): failure = failure ?? told(error, sqls[index])
                case nil: break
                }
            case .run(let index):
                switch try readStep(connection) {
                case .success(let result): results.append(result)
                case .failure(let error):
                    let error = forgetIfStale(StatementCache.Key(sqls[index]), error)
                    failure = failure ?? told(error, sqls[index])
                case nil: break
                }
            case .synchronize:
                let result = try nextResult(connection)
                guard result?.status == PGRES_PIPELINE_SYNC else {
                    if let result, result.status == PGRES_FATAL_ERROR { failure = failure ?? self.failure(of: result) }
                    try checkAlive(connection, failure)
                    throw PostgresError(.connectionLost, "the server's answers do not match the pipeline")
                }
            }
            if !status.isUsable, let failure {
                throw failure
            }
        }
        if let failure {
            return .failure(failure)
        }
        return .success(results)
    }

    /// Reads the answer to one step; `nil` if it was skipped because of an earlier error.
    private func readStep(_ connection: OpaquePointer) throws -> Result<ResultStorage, PostgresError>? {
        var answer: Result<ResultStorage, PostgresError>?
        while let result = try nextResult(connection) {
            switch result.status {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                answer = .success(result)
            case PGRES_PIPELINE_ABORTED:
                answer = nil
            case PGRES_FATAL_ERROR:
                answer = .failure(failure(of: result))
            default:
                throw PostgresError(.misuse, "a statement of this kind cannot be part of a pipeline")
            }
        }
        if case .failure = answer { return answer }
        try checkAlive(connection, nil)
        return answer
    }

    private func told(_ error: PostgresError, _ sql: SQL) -> PostgresError {
        var error = error
        error.statement = scrubber.scrub(sql.text)
        return error
    }
}
