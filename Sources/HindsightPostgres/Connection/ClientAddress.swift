import CLibPQ

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The address of a server in the forms that other programs with libpq take, `psql` for one: what a
/// ``PostgresConfiguration`` says, and where it says nothing the `PG…` variables.
package struct ClientAddress: Sendable {
    private struct Part {
        var keyword: String
        /// The environment variable for it.
        var variable: String?
        var value: String
        var isSecret: Bool
    }

    private var parts: [Part] = []

    /// - Throws: ``PostgresError`` with code `misuse` if the connection string is not valid.
    package init(_ configuration: PostgresConfiguration) throws {
        // Says what is wrong without quoting it.
        _ = try ConnectionParameters(configuration)
        guard let options = PQconninfoParse(configuration.conninfo, nil) else {
            throw PostgresError(.misuse, "the connection string is not valid")
        }
        defer { PQconninfoFree(options) }
        var option = options
        while let keyword = option.pointee.keyword {
            let variable = option.pointee.envvar.map { String(cString: $0) }
            let value = option.pointee.val ?? option.pointee.envvar.flatMap { getenv($0) }
            if let value, value.pointee != 0 {
                parts.append(
                    Part(
                        keyword: String(cString: keyword), variable: variable, value: String(cString: value),
                        isSecret: option.isSecret))
            }
            option += 1
        }
    }

    /// The address as a URI.
    ///
    /// - Parameter withSecrets: whether it has the password in it.
    package func url(withSecrets: Bool) -> String {
        let parts = withSecrets ? parts : parts.filter { !$0.isSecret }
        func value(_ keyword: String) -> String? { parts.first { $0.keyword == keyword }?.value }
        var url = "postgresql://" + (value("user").map(Self.encoded) ?? "")
        if let password = value("password") { url += ":" + Self.encoded(password) }
        if value("user") != nil || value("password") != nil { url += "@" }
        var taken: Set = ["user", "password", "dbname"]
        // A path or a list of hosts does not fit between the slashes.
        if let host = value("host"), host.utf8.allSatisfy(Self.isUnreserved) {
            url += host + (value("port").map { ":" + Self.encoded($0) } ?? "")
            taken.formUnion(["host", "port"])
        }
        url += "/" + (value("dbname").map(Self.encoded) ?? "")
        let rest = parts.filter { !taken.contains($0.keyword) }
        let query = rest.map { "\($0.keyword)=\(Self.encoded($0.value))" }.joined(separator: "&")
        return query.isEmpty ? url : "\(url)?\(query)"
    }

    /// The address as environment variables, which other users of the machine cannot see.
    package var environment: [String: String] {
        parts.reduce(into: [:]) { variables, part in
            if let variable = part.variable { variables[variable] = part.value }
        }
    }

    /// The settings for which there are no variables, as a connection string; nil if there are none. A secret is none of
    /// them: everybody sees the arguments of a program.
    package var conninfo: String? {
        let rest = parts.filter { $0.variable == nil && !$0.isSecret }
        guard !rest.isEmpty else { return nil }
        return rest.map { "\($0.keyword)='\(Self.escaped($0.value))'" }.joined(separator: " ")
    }

    /// The database and its server, for people.
    package var place: String {
        func value(_ keyword: String) -> String? { parts.first { $0.keyword == keyword }?.value }
        let host = value("host") ?? value("hostaddr") ?? value("service").map { "service \($0)" } ?? "this machine"
        let server = host.hasPrefix("/") ? host : host + (value("port").map { ":\($0)" } ?? "")
        return "\(value("dbname") ?? value("user") ?? "the default database") on \(server)"
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            if isUnreserved(byte) { return String(UnicodeScalar(byte)) }
            let hex = String(byte, radix: 16, uppercase: true)
            return hex.count == 1 ? "%0\(hex)" : "%\(hex)"
        }.joined()
    }

    /// See RFC 3986, section 2.3.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            if character == "'" || character == "\\" { escaped.append("\\") }
            escaped.append(character)
        }
    }
}
