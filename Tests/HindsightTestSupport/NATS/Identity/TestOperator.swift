#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An operator with an account for tests and one for the system, whose servers take clients by their JWTs.
///
/// Source: <https://docs.nats.io/running-a-nats-service/nats_admin/security/jwt>
package struct TestOperator: Sendable {
    private let key = TestNKey(.operator)
    private let account = TestNKey(.account)
    private let system = TestNKey(.account)

    package init() {}

    /// What a client of a test's account needs to connect.
    package struct Credentials: Sendable {
        package let jwt: String
        /// The user's key.
        package let key: TestNKey

        /// The text of a credentials file, as `nsc` writes it.
        package var file: String {
            """
            -----BEGIN NATS USER JWT-----
            \(jwt)
            ------END NATS USER JWT------

            ************************* IMPORTANT *************************
            NKEY Seed printed below can be used to sign and prove identity.
            NKEYs are sensitive and should be treated as secrets.

            -----BEGIN USER NKEY SEED-----
            \(key.seed)
            ------END USER NKEY SEED------

            *************************************************************

            """
        }
    }

    /// A new user of the tests' account.
    ///
    /// - Parameters:
    ///   - lifetime: When the JWT runs out, which the server notices also while the client is connected. Whole seconds; one that
    ///     is not positive has run out already. Defaults to never.
    ///   - deniedPublish: Subjects that the user may not publish to.
    package func credentials(lifetime: Duration? = nil, deniedPublish: [String] = []) -> Credentials {
        user(of: account, lifetime: lifetime, deniedPublish: deniedPublish)
    }

    /// A new user of the system's account, which sees the servers' own subjects.
    package func systemCredentials() -> Credentials { user(of: system, lifetime: nil, deniedPublish: []) }

    /// The lines of a server's configuration.
    var lines: [String] {
        [
            "operator: \(jwt(key, name: "test", issuer: key, claims: ##""type":"operator","version":2"##))",
            "system_account: \(system.publicKey)",
            "resolver: MEMORY",
            "resolver_preload: {",
            "    \(account.publicKey): \(accountJWT(account, name: "test", storage: -1))",
            // The system's account may not keep streams.
            "    \(system.publicKey): \(accountJWT(system, name: "SYS", storage: 0))",
            "}",
        ]
    }

    private func user(of account: TestNKey, lifetime: Duration?, deniedPublish: [String]) -> Credentials {
        let user = TestNKey(.user)
        let denied = deniedPublish.map { "\"\($0)\"" }.joined(separator: ",")
        let claims =
            #""pub":{"deny":[\#(denied)]},"sub":{},"subs":-1,"data":-1,"payload":-1,"type":"user","version":2"#
        return Credentials(
            jwt: jwt(user, name: "user", issuer: account, lifetime: lifetime, claims: claims), key: user)
    }

    private func accountJWT(_ account: TestNKey, name: String, storage: Int) -> String {
        let limits = """
            "subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,"leaf":-1,\
            "mem_storage":\(storage),"disk_storage":\(storage),"streams":\(storage),"consumer":\(storage)
            """
        return jwt(
            account, name: name, issuer: key,
            claims: #""limits":{\#(limits)},"default_permissions":{"pub":{},"sub":{}},"type":"account","version":2"#)
    }

    private func jwt(
        _ subject: TestNKey, name: String, issuer: TestNKey, lifetime: Duration? = nil, claims: String
    ) -> String {
        let now = Int(Date().timeIntervalSince1970)
        let end = lifetime.map { #""exp":\#(now + Int($0.components.seconds)),"# } ?? ""
        let body = """
            {"jti":"\(subject.publicKey)","iat":\(now),\(end)"iss":"\(issuer.publicKey)","name":"\(name)",\
            "sub":"\(subject.publicKey)","nats":{\(claims)}}
            """
        let head = #"{"typ":"JWT","alg":"ed25519-nkey"}"#
        let signed = "\(Self.base64(Array(head.utf8))).\(Self.base64(Array(body.utf8)))"
        return "\(signed).\(Self.base64(issuer.sign(signed)))"
    }

    /// Base 64 for URLs, without padding.
    private static func base64(_ bytes: [UInt8]) -> String {
        String(
            Data(bytes).base64EncodedString().compactMap { character -> Character? in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }
}
