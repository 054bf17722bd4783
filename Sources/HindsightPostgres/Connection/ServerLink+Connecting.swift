import CKeepOpenSSL
import CLibPQ
import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ServerLink {
    /// Connects and applies the settings, within the connect timeout.
    ///
    /// - Throws: ``PostgresError`` with code `connectionFailed`, `timeout`, `cancelled`, or `misuse` for an invalid
    ///   connection string.
    func open() throws {
        let parameters = try ConnectionParameters(configuration)
        scrubber = SecretScrubber(parameters.secrets)
        connectDeadline = .now + configuration.connectTimeout
        defer { connectDeadline = nil }
        keep_openssl_until_the_end()
        connection = parameters.withCArrays { PQconnectStartParams($0, $1, 0) }
        do {
            let connection = try liveConnection()
            try finishConnecting(connection)
            try makeSettings()
            cancelRequest = CancelRequest(connection)
        } catch {
            finish()
            throw error
        }
    }

    private func finishConnecting(_ connection: OpaquePointer) throws {
        learnSecrets(connection)
        receiveNotices(connection)
        if let database = PQdb(connection) {
            try ConnectionParameters.checkDatabase(String(cString: database))
        }
        // Verbose messages are the only place where libpq shows the SQLSTATE of a refused connection.
        PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
        var polling = PGRES_POLLING_WRITING
        while polling != PGRES_POLLING_OK {
            // Each of several hosts may have its own password in the password file.
            learnPassword(connection)
            guard PQstatus(connection) != CONNECTION_BAD, polling != PGRES_POLLING_FAILED else {
                throw connectFailure(connection)
            }
            if gate.isCancelled {
                throw PostgresError(.cancelled, "connecting was cancelled")
            }
            let events = polling == PGRES_POLLING_READING ? POLLIN : POLLOUT
            // The socket can change with every step.
            switch wait(for: Int16(events), on: PQsocket(connection), until: connectDeadline) {
            case .ready:
                polling = PQconnectPoll(connection)
            case .woken:
                continue
            case .timedOut:
                throw PostgresError(.timeout, "no connection within \(configuration.connectTimeout)")
            }
        }
        learnPassword(connection)
        PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
        guard PQsetnonblocking(connection, 1) == 0 else {
            throw connectionError(.connectionFailed)
        }
    }

    /// Passwords may also come from the environment and from a service file.
    private func learnSecrets(_ connection: OpaquePointer) {
        guard let options = PQconninfo(connection) else { return }
        defer { PQconninfoFree(options) }
        var option = options
        while option.pointee.keyword != nil {
            if option.isSecret, let value = option.pointee.val { scrubber.add(String(cString: value)) }
            option += 1
        }
    }

    /// The password that is in use, which may come from a password file.
    private func learnPassword(_ connection: OpaquePointer) {
        if let password = PQpass(connection) {
            scrubber.add(String(cString: password))
        }
    }

    private func receiveNotices(_ connection: OpaquePointer) {
        // The link outlives the libpq connection, which it frees itself.
        PQsetNoticeProcessor(
            connection,
            { context, message in
                guard let context, let message else { return }
                let link = Unmanaged<ServerLink>.fromOpaque(context).takeUnretainedValue()
                link.log(notice: String(cString: message))
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func log(notice: String) {
        logger.debug("server notice", metadata: ["postgres.notice": "\(scrubber.scrub(notice.trimmingLineEnds()))"])
    }

    private func makeSettings() throws {
        var settings = ["default_transaction_isolation": "read committed"]
        if let timeout = configuration.statementTimeout {
            settings["statement_timeout"] = "\(max(timeout.wholeMilliseconds, 1))ms"
        }
        settings.merge(configuration.settings) { _, chosen in chosen }
        let calls = settings.sorted { $0.key < $1.key }.map { "set_config(\($0.key), \($0.value), false)" as SQL }
        do {
            _ = try runUnprepared("select \(sql: calls.joined())")
        } catch let error as PostgresError where error.code == .server || error.code == .connectionLost {
            throw PostgresError(.connectionFailed, error.message, sqlState: error.sqlState, underlying: error)
        }
    }

    /// The error of a connection that was refused, from text such as `… FATAL:  28P01: password authentication failed
    /// …`.
    private func connectFailure(_ connection: OpaquePointer) -> PostgresError {
        var sqlState: String?
        var lines = String(cString: PQerrorMessage(connection)).split(separator: "\n").filter {
            !$0.hasPrefix("LOCATION:")
        }
        for (index, line) in lines.enumerated() {
            guard let match = line.rangeOfSQLState() else { continue }
            sqlState = String(line[match])
            lines[index] = Substring(line[..<match.lowerBound] + line[match.upperBound...].dropFirst(2))
        }
        let message = lines.map { $0.drop { $0.isWhitespace } }.joined(separator: "; ")
        var error = PostgresError(.connectionFailed, scrubber.scrub(message), sqlState: sqlState)
        // libpq gives no SQLSTATE if it does not even answer the server's authentication request.
        if PQconnectionNeedsPassword(connection) != 0 { error.passesByItself = false }
        return error
    }
}

extension Substring {
    /// The place of `XXXXX` in the first `:  XXXXX: ` whose five characters are digits and capital letters.
    fileprivate func rangeOfSQLState() -> Range<Index>? {
        var search = startIndex
        while let colon = self[search...].firstIndex(of: ":") {
            search = index(after: colon)
            let code = self[search...].drop { $0 == " " }.prefix(5)
            // Every SQLSTATE has a digit, which distinguishes it from `FATAL`.
            let isCode =
                code.utf8.count == 5 && code.utf8.contains { (48...57).contains($0) }
                && code.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            if isCode, self[code.endIndex...].hasPrefix(": ") {
                return code.startIndex..<code.endIndex
            }
        }
        return nil
    }
}
