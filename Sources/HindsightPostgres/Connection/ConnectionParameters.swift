import CLibPQ

/// The keywords and values to connect with, taken from a ``PostgresConfiguration``.
struct ConnectionParameters: CustomStringConvertible, CustomReflectable {
    private(set) var values: [(keyword: String, value: String)] = []
    /// Passwords that the string itself holds.
    private(set) var secrets: [String] = []

    /// - Throws: ``PostgresError`` with code `misuse` if the connection string is not valid. The error does not quote
    ///   it, because a mistake can put a password anywhere.
    init(_ configuration: PostgresConfiguration) throws {
        guard !ConnectionURI.mayMisplacePassword(configuration.conninfo) else {
            throw PostgresError(
                .misuse,
                """
                the connection string is not valid: an "@" that belongs to the password or the database has to be written as %40, \
                and a "/" as %2F
                """)
        }
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(configuration.conninfo, &message) else {
            PQfreemem(message)
            throw PostgresError(.misuse, "the connection string is not valid")
        }
        defer { PQconninfoFree(options) }
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                values.append((String(cString: keyword), String(cString: value)))
                if option.isSecret { secrets.append(String(cString: value)) }
            }
            option += 1
        }
        for (keyword, value) in values where keyword == "dbname" {
            try Self.checkDatabase(value)
        }
        values.append(("fallback_application_name", configuration.applicationName))
        values.removeAll { $0.keyword == "client_encoding" }
        values.append(("client_encoding", "UTF8"))
    }

    /// - Throws: ``PostgresError`` with code `misuse` if the name is a connection string, which the server would quote,
    ///   including its password: "database … does not exist".
    static func checkDatabase(_ name: String) throws {
        guard ConnectionURI.isURI(name) else { return }
        throw PostgresError(.misuse, "the name of the database (dbname or PGDATABASE) is a connection URI")
    }

    /// The parts that are no secret.
    var description: String {
        let shown = ["host", "hostaddr", "port", "user", "dbname", "service"]
        let text = values.filter { shown.contains($0.keyword) }.map { "\($0.keyword)=\($0.value)" }.joined(
            separator: " ")
        return SecretScrubber(secrets).scrub(text)
    }

    var customMirror: Mirror { Mirror(self, children: ["description": description]) }

    /// Calls `body` with the two null-terminated arrays that `PQconnectStartParams` takes.
    func withCArrays<R>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) throws -> R
    ) rethrows -> R {
        let keywords = values.map { ContiguousArray($0.keyword.utf8CString) }
        let texts = values.map { ContiguousArray($0.value.utf8CString) }
        return try Self.withPointers(keywords) { keywords in
            try Self.withPointers(texts) { texts in
                try body(keywords, texts)
            }
        }
    }

    private static func withPointers<R>(
        _ strings: [ContiguousArray<CChar>], _ body: (UnsafePointer<UnsafePointer<CChar>?>) throws -> R
    ) rethrows -> R {
        var all = ContiguousArray<CChar>()
        let offsets = strings.map { string in
            defer { all += string }
            return all.count
        }
        return try all.withUnsafeBufferPointer { bytes in
            let pointers = offsets.map { bytes.baseAddress?.advanced(by: $0) } + [nil]
            return try pointers.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { preconditionFailure("the array has at least its end mark") }
                return try body(base)
            }
        }
    }
}

extension UnsafeMutablePointer<PQconninfoOption> {
    /// Whether libpq says that the value must be hidden in displays.
    var isSecret: Bool {
        guard let hint = pointee.dispchar else { return false }
        return String(cString: hint).contains("*")
    }
}
