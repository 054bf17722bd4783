/// The address of a log on JetStream, as `--log` takes it: `nats://HOST:PORT/STREAM`, or `tls://…`, with several servers separated by
/// commas.
///
/// It never holds a user or a password: those come from the environment, because what is in an address is in `ps` and in logs.
package struct StreamAddress: Hashable, Sendable {
    /// The servers, each as `nats://HOST:PORT` or `tls://HOST:PORT`.
    package let servers: [String]
    /// The stream that the log is in.
    package let stream: String

    /// - Throws: ``CommandError`` with what is wrong, and never with the text, in which there may be a password.
    package init(_ text: String) throws(CommandError) {
        guard !text.contains("@") else {
            throw CommandError(
                "the address of a log must not hold a user or a password: set HINDSIGHT_NATS_CREDENTIALS to the path of a credentials file, or HINDSIGHT_NATS_USER and HINDSIGHT_NATS_PASSWORD"
            )
        }
        guard let scheme = Self.scheme(of: text) else {
            throw Self.malformed(text, "it begins with neither nats:// nor tls://")
        }
        let rest = text.dropFirst(scheme.count)
        // A server in a list may have a scheme of its own.
        guard let slash = rest.lastIndex(of: "/"), slash > rest.startIndex, rest[..<slash].last != "/" else {
            throw Self.malformed(text, "it names no stream")
        }
        let stream = rest[rest.index(after: slash)...]
        guard !stream.isEmpty else { throw Self.malformed(text, "it names no stream") }
        guard stream.utf8.count <= 255, stream.utf8.allSatisfy(Self.isNamePart) else {
            throw Self.malformed(text, "the name of its stream has more than letters and digits of ASCII, _ and -")
        }
        var servers: [String] = []
        for server in rest[..<slash].split(separator: ",", omittingEmptySubsequences: false) {
            let address = server.contains("://") ? String(server) : scheme + server
            guard let own = Self.scheme(of: address), Self.isServer(address.dropFirst(own.count)) else {
                throw Self.malformed(text, "\"\(server)\" is not HOST:PORT")
            }
            servers.append(address)
        }
        self.servers = servers
        self.stream = String(stream)
    }

    private static func scheme(of text: String) -> String? {
        ["nats://", "tls://"].first { text.lowercased().hasPrefix($0) }
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Whether this is a host, perhaps with a port; an address of IPv6 is in brackets.
    private static func isServer(_ text: Substring) -> Bool {
        var (host, port) = (text, Substring())
        if text.hasPrefix("["), let bracket = text.lastIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<bracket]
            port = text[text.index(after: bracket)...]
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[colon...]
        }
        guard !host.isEmpty, !host.contains(where: { $0 == "/" || $0.isWhitespace }) else { return false }
        return port.isEmpty || port.first == ":" && UInt16(port.dropFirst()).map { $0 > 0 } ?? false
    }

    private static func malformed(_ text: String, _ reason: String) -> CommandError {
        CommandError("\"\(text)\" is not the address of a log, nats://HOST:PORT/STREAM: \(reason)")
    }
}

extension StreamAddress: CustomStringConvertible {
    package var description: String { "the stream \(stream) of \(servers.joined(separator: ", "))" }
}
