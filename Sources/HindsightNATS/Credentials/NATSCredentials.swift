#if NATS
    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// Who a client is. What is secret in it is in no description of it.
    public struct NATSCredentials: Sendable {
        private enum Kind: Sendable {
            case none
            case token(String)
            case user(String, password: String)
            case nkey(seed: String)
            case file(String)
            case jwt(String, seed: String)
        }

        private let kind: Kind

        /// Nobody in particular.
        public static let none = Self(kind: .none)

        /// A token that all clients share.
        public static func token(_ token: String) -> Self { Self(kind: .token(token)) }

        /// A user with a password.
        public static func user(_ name: String, password: String) -> Self {
            Self(kind: .user(name, password: password))
        }

        /// A key whose public half the server knows. The seed begins with `SU` and never leaves the program.
        public static func nkey(seed: String) -> Self { Self(kind: .nkey(seed: seed)) }

        /// A credentials file with a user's JWT and seed, as `nsc` writes it. It is read anew for each connection, so that new
        /// credentials take effect without a restart.
        public static func file(_ path: String) -> Self { Self(kind: .file(path)) }

        /// A user's JWT and the seed that belongs to it.
        public static func jwt(_ jwt: String, seed: String) -> Self { Self(kind: .jwt(jwt, seed: seed)) }

        /// What a server is told.
        ///
        /// - Parameter nonce: what the server asked to sign.
        func login(nonce: String?) throws(NATSError) -> Login {
            var login = Login()
            switch kind {
            case .none: break
            case .token(let token): login.token = token
            case .user(let name, let password): (login.user, login.password) = (name, password)
            case .nkey(let seed):
                let key = try SigningKey(seed: seed, source: "the nkey")
                login.publicKey = key.publicKey
                login.signature = try key.sign(nonce)
            case .jwt(let jwt, let seed):
                login.jwt = jwt
                login.signature = try SigningKey(seed: seed, source: "the seed of the JWT").sign(nonce)
            case .file(let path):
                let (jwt, seed) = try Self.read(path)
                login.jwt = jwt
                login.signature = try SigningKey(seed: seed, source: "the credentials file \(path)").sign(nonce)
            }
            return login
        }

        private static func read(_ path: String) throws(NATSError) -> (jwt: String, seed: String) {
            let text: String
            do {
                text = try String(contentsOfFile: path, encoding: .utf8)
            } catch {
                throw NATSError(.invalidConfiguration, "the credentials file \(path) cannot be read", underlying: error)
            }
            // Blocks are between lines of dashes: the JWT first, then the seed.
            var blocks: [String] = []
            var isInside = false
            for line in text.split(whereSeparator: \.isNewline).map({ $0.trimmingPrefix { $0 == " " } }) {
                if line.hasPrefix("---") {
                    isInside = line.contains("BEGIN")
                    if isInside { blocks.append("") }
                } else if isInside {
                    blocks[blocks.count - 1] += line.filter { !$0.isWhitespace }
                }
            }
            guard blocks.count >= 2, !blocks[0].isEmpty, !blocks[1].isEmpty else {
                throw NATSError(
                    .invalidConfiguration,
                    "the credentials file \(path) does not have a user's JWT and seed: make it with \"nsc generate creds\""
                )
            }
            return (blocks[0], blocks[1])
        }
    }

    extension NATSCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
        /// What kind they are, without secrets.
        public var description: String {
            switch kind {
            case .none: "none"
            case .token: "a token"
            case .user(let name, _): "the user \(name) with a password"
            case .nkey: "an nkey"
            case .file(let path): "the credentials file \(path)"
            case .jwt: "a JWT"
            }
        }

        /// As ``description``.
        public var debugDescription: String { description }

        /// Shows no secret to `dump` and debuggers either.
        public var customMirror: Mirror { Mirror(self, children: ["kind": description]) }
    }

    extension NATSCredentials {
        /// What is sent to a server.
        struct Login {
            var user: String?
            var password: String?
            var token: String?
            var publicKey: String?
            var jwt: String?
            var signature: String?
        }
    }
#endif
