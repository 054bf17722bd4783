#if NATS
    /// Where one server is.
    package struct ServerAddress: Hashable, Sendable {
        package var host: String
        package var port: Int
        /// Its address asks for TLS.
        package var isSecure: Bool

        /// An address from a configuration: `nats://HOST:PORT`, `tls://HOST:PORT` or `HOST:PORT`.
        package init(_ text: String) throws(NATSError) {
            var rest = text[...]
            isSecure = false
            // Its text may be a password, so it is not repeated.
            guard !rest.contains("@") else {
                throw Self.invalid("an address must not have a user or a password in it: set the credentials instead")
            }
            if let scheme = rest.firstRange(of: "://") {
                switch rest[..<scheme.lowerBound].lowercased() {
                case "nats": break
                case "tls": isSecure = true
                default:
                    throw Self.invalid("\"\(rest[..<scheme.lowerBound])\" is no scheme of NATS: use nats:// or tls://")
                }
                rest = rest[scheme.upperBound...]
            }
            if rest.hasSuffix("/") { rest = rest.dropLast() }
            let portText: Substring
            if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
                host = String(rest[rest.index(after: rest.startIndex)..<end])
                portText = rest[rest.index(after: end)...].drop { $0 == ":" }
            } else if let colon = rest.lastIndex(of: ":") {
                host = String(rest[..<colon])
                portText = rest[rest.index(after: colon)...]
            } else {
                host = String(rest)
                portText = ""
            }
            guard !host.isEmpty, !host.contains(where: { $0 == "/" || $0 == " " || $0 == ":" && !rest.hasPrefix("[") })
            else {
                throw Self.invalid("\"\(rest)\" is not HOST:PORT")
            }
            guard let port = portText.isEmpty ? 4222 : Int(portText), (1...65535).contains(port) else {
                throw Self.invalid("\"\(portText)\" is no port: use 1 to 65535")
            }
            self.port = port
        }

        private static func invalid(_ reason: String) -> NATSError {
            NATSError(.invalidConfiguration, "a server's address cannot be used: \(reason)")
        }

        /// Whether the host is a number and no name, which no certificate's name can be compared with.
        package var isNumeric: Bool {
            host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
        }
    }

    extension ServerAddress: CustomStringConvertible {
        package var description: String {
            let name = host.contains(":") ? "[\(host)]" : host
            return "\(isSecure ? "tls" : "nats")://\(name):\(port)"
        }
    }
#endif
