import CLibPQ

extension ServerLink {
    /// The largest number of parameters that the protocol can carry.
    private static let maximumParameterCount = 65_535

    /// - Throws: ``PostgresError`` with code `misuse` if the text or the number of parameters cannot be sent.
    func checkText(_ sql: SQL) throws {
        // libpq takes C strings: everything after a NUL would be silently dropped.
        guard !sql.text.utf8.contains(0) else {
            throw PostgresError(.misuse, "the text of a statement cannot hold a NUL character")
        }
        guard sql.parameterCount <= Self.maximumParameterCount else {
            throw PostgresError(.misuse, "a statement has at most \(Self.maximumParameterCount) parameters")
        }
    }

    func send(_ sql: SQL, prepared name: String, _ connection: OpaquePointer) throws {
        try sql.withParameters { parameters in
            let sent = PQsendQueryPrepared(
                connection, name, parameters.count, parameters.values, parameters.lengths, parameters.formats, 1)
            guard sent != 0 else {
                throw refusal(connection)
            }
        }
    }

    func sendUnprepared(_ sql: SQL, _ connection: OpaquePointer) throws {
        try checkText(sql)
        try sql.withParameters { parameters in
            let sent = PQsendQueryParams(
                connection, sql.text, parameters.count, sql.parameterTypes, parameters.values, parameters.lengths,
                parameters.formats, 1)
            guard sent != 0 else {
                throw refusal(connection)
            }
        }
    }

    func sendPrepare(_ sql: SQL, name: String, _ connection: OpaquePointer) throws {
        guard PQsendPrepare(connection, name, sql.text, Int32(sql.parameterCount), sql.parameterTypes) != 0 else {
            throw refusal(connection)
        }
    }
}
