/// Who may connect to a test server.
package enum NATSServerAuthorization: Sendable {
    /// A user of the configuration.
    package struct User: Sendable {
        /// Who it is.
        package enum Identity: Sendable {
            case password(user: String, password: String)
            /// The public key of an nkey, which begins with `U`.
            case nkey(String)
        }

        package var identity: Identity
        /// What it may publish and subscribe to, as the words of the configuration. Defaults to everything.
        package var permissions: String?

        package init(_ identity: Identity, permissions: String? = nil) {
            self.identity = identity
            self.permissions = permissions
        }
    }

    case everybody
    case token(String)
    case users([User])
    /// Clients with a JWT that comes from this operator.
    case jwt(TestOperator)

    /// One user with a password.
    package static func user(_ user: String, password: String) -> NATSServerAuthorization {
        .users([User(.password(user: user, password: password))])
    }

    /// One user with an nkey, of which this is the public key.
    package static func nkey(_ publicKey: String) -> NATSServerAuthorization {
        .users([User(.nkey(publicKey))])
    }

    /// The lines of the server's configuration.
    var lines: [String] {
        switch self {
        case .everybody: []
        case .token(let token): ["authorization { token: \(token.quoted), timeout: \(Self.seconds) }"]
        case .jwt(let issuer): issuer.lines
        case .users(let users):
            ["authorization {", "    timeout: \(Self.seconds)", "    users: ["] + users.map { "        \($0.line)" } + [
                "    ]", "}",
            ]
        }
    }

    /// For a client to say who it is. The server's own 2 are too few on a machine with much to do.
    private static let seconds = 20
}

extension NATSServerAuthorization.User {
    fileprivate var line: String {
        let identity =
            switch identity {
            case .password(let user, let password): "user: \(user.quoted), password: \(password.quoted)"
            case .nkey(let key): "nkey: \(key)"
            }
        return "{ \(identity)\(permissions.map { ", permissions: { \($0) }" } ?? "") }"
    }
}

extension String {
    /// A string of the server's configuration.
    var quoted: String {
        let escaped = flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "\"\(String(escaped))\""
    }
}
