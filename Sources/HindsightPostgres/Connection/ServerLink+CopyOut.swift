import CLibPQ

extension ServerLink {
    /// Runs a binary `COPY … TO STDOUT` and calls `body` with each tuple.
    func copyOut(_ sql: SQL, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try withStatement(sql.text) { connection in
            try sendUnprepared(sql, connection)
            try startCopy(connection, PGRES_COPY_OUT)
            do {
                try readTuples(connection, body)
            } catch {
                // The rest is unwanted. It may be large, so the server is asked to stop.
                if status.isUsable {
                    gate.stopStatement()
                    try discardCopyData(connection)
                    try abandonResults(connection)
                }
                throw error
            }
            try readResults(connection)
        }
    }

    private func readTuples(_ connection: OpaquePointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var isFirst = true
        while let data = try nextCopyData(connection) {
            defer { PQfreemem(data.baseAddress) }
            var tuple = UnsafeRawBufferPointer(data)
            if isFirst {
                tuple = try CopyFormat.skipHeader(tuple)
                isFirst = false
            }
            if !tuple.isEmpty, !CopyFormat.isTrailer(tuple) {
                try body(tuple)
            }
        }
    }

    /// Discards the rest of a `COPY … TO STDOUT`.
    func discardCopyData(_ connection: OpaquePointer) throws {
        while let data = try nextCopyData(connection) {
            PQfreemem(data.baseAddress)
        }
    }

    /// The next message of a `COPY … TO STDOUT`, to be freed by the caller, or `nil` after the last one or an error,
    /// which the results then report.
    private func nextCopyData(_ connection: OpaquePointer) throws -> UnsafeMutableRawBufferPointer? {
        var hasRead = false
        while true {
            var data: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(connection, &data, 1)
            if count > 0 {
                return UnsafeMutableRawBufferPointer(start: data, count: Int(count))
            }
            // On a broken connection, the answer stays "not yet" forever.
            guard count == 0, PQstatus(connection) != CONNECTION_BAD else { return nil }
            // While the server is ahead, reading at once saves a poll for every few kilobytes.
            if hasRead {
                try makeProgress(connection)
            } else {
                try readInput(connection)
                hasRead = true
            }
        }
    }

    /// Waits until the server has accepted a `COPY`.
    func startCopy(_ connection: OpaquePointer, _ expected: ExecStatusType) throws {
        guard let result = try nextResult(connection) else {
            try checkAlive(connection, nil)
            throw PostgresError(.misuse, "the statement is empty")
        }
        guard result.status == expected, PQbinaryTuples(result.result) != 0 else {
            let error = notTheCopyExpected(result)
            switch result.status {
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                try endUnwantedCopy(connection, result.status)
            default:
                break
            }
            try abandonResults(connection)
            try checkAlive(connection, error)
            throw error
        }
    }

    private func notTheCopyExpected(_ result: ResultStorage) -> PostgresError {
        switch result.status {
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH, PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            PostgresError(
                .misuse, "copyOut needs COPY … TO STDOUT and copyIn COPY … FROM STDIN, both with (FORMAT binary)")
        default:
            failure(of: result)
        }
    }
}
