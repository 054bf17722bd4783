import CLibPQ

extension ServerLink {
    /// Runs a binary `COPY … FROM STDIN` with the rows that `body` writes. Returns how many rows the server accepted.
    func copyIn(_ sql: SQL, _ body: (inout PostgresCopyWriter) throws -> Void) throws -> Int {
        try withStatement(sql.text) { connection in
            try sendUnprepared(sql, connection)
            try startCopy(connection, PGRES_COPY_IN)
            do {
                var writer = PostgresCopyWriter(link: self)
                try body(&writer)
                try writer.finish()
            } catch {
                if status.isUsable {
                    try abortCopyIn(connection)
                }
                throw error
            }
            try endCopyIn(connection, nil)
            return try readResults(connection)?.rowsAffected ?? 0
        }
    }

    /// Sends a piece of copy data and waits until it is on its way, so that memory stays bounded.
    func sendCopyData(_ bytes: UnsafeRawBufferPointer) throws {
        let connection = try liveConnection()
        // The server stops a cancelled statement; the results report it.
        if gate.isCancelled {
            throw PostgresError(.cancelled, "the task was cancelled")
        }
        var offset = 0
        while offset < bytes.count {
            let count = min(bytes.count - offset, Int(Int32.max) / 2)
            let start = bytes.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self)
            switch PQputCopyData(connection, start, Int32(count)) {
            case 1:
                offset += count
            case 0:
                try makeProgress(connection, expectsAnswer: false)
            default:
                // The server has ended the copy with an error.
                try readResults(connection)
                throw refusal(connection)
            }
        }
        while PQflush(connection) > 0 {
            try makeProgress(connection, expectsAnswer: false)
        }
        // libpq accepts data for a broken connection and drops it, and notices the end of the stream only by reading.
        try readInput(connection)
        if PQstatus(connection) == CONNECTION_BAD {
            // Only after the end of the copy does libpq look at the server's last message.
            try endCopyIn(connection, nil)
            try readResults(connection)
            throw loss()
        }
    }

    private func endCopyIn(_ connection: OpaquePointer, _ reason: String?) throws {
        while true {
            switch PQputCopyEnd(connection, reason) {
            case 1:
                return
            case 0:
                try makeProgress(connection, expectsAnswer: false)
            default:
                // The copy has already ended with an error, which the results report.
                return
            }
        }
    }

    /// Ends a copy without keeping any of its rows.
    private func abortCopyIn(_ connection: OpaquePointer) throws {
        try endCopyIn(connection, "aborted by the client")
        while try nextResult(connection) != nil {}
        try checkAlive(connection, nil)
    }
}
