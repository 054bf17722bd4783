/// Checks on a connection URI before libpq parses it.
///
/// See "Connection URIs" in PostgreSQL's manual, chapter "libpq".
enum ConnectionURI {
    private static let schemes = ["postgresql://", "postgres://"]

    static func isURI(_ text: String) -> Bool { schemes.contains { text.hasPrefix($0) } }

    /// Whether libpq may take part of the password for the host, the port or the database, which are shown.
    ///
    /// libpq ends the password at the first `@`, and takes everything before the first `/` for a host if it contains no
    /// `@`. So if there may be a password, any `@` behind it is suspicious: no host has one, and few databases do.
    static func mayMisplacePassword(_ text: String) -> Bool {
        guard let scheme = schemes.first(where: { text.hasPrefix($0) }) else { return false }
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        let end = rest.firstIndex { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "/") }
        var (credentials, tail): (Substring.UTF8View?, Substring.UTF8View) = (nil, rest)
        if let end, rest[end] == UInt8(ascii: "@") {
            (credentials, tail) = (rest[..<end], rest[end...].dropFirst())
        }
        let head = tail.prefix { $0 != UInt8(ascii: "?") }
        let host = head.prefix { $0 != UInt8(ascii: "/") }
        let path = head.dropFirst(host.count)
        let mayHavePassword = (credentials ?? host).contains(UInt8(ascii: ":"))
        return host.contains(UInt8(ascii: "@")) || mayHavePassword && path.contains(UInt8(ascii: "@"))
    }
}
