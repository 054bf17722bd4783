#if NATS
    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Who may connect", .timeLimit(.minutes(2)))
    struct AuthenticationTests {
        /// Servers, who is let in, and who is not.
        private static let cases: [(NATSServerAuthorization, NATSCredentials, NATSCredentials)] = [
            (.token("t\"o\\k en"), .token("t\"o\\k en"), .token("zebra")),
            (.user("u", password: "p\"w$\\"), .user("u", password: "p\"w$\\"), .user("u", password: "zebra")),
            (
                .nkey(CredentialsTests.publicKey), .nkey(seed: CredentialsTests.seed),
                .nkey(seed: "SUANZWFZUGRBNKMRVJ4FSLMIRHXHC5SW64VJK5RM7XKFBCKRPVGGV4LYIE")
            ),
        ]

        @Test("Token, user and nkey", arguments: cases.indices)
        func kinds(_ row: Int) async throws {
            let (authorization, right, wrong) = Self.cases[row]
            try await withNATSServer(.with { $0.authorization = authorization }) { server in
                try await withClient(of: server.url, change: { $0.credentials = right }) { try await $0.flush() }
                for credentials in [wrong, .none] {
                    var configuration = NATSConfiguration()
                    configuration.servers = [server.url]
                    configuration.credentials = credentials
                    let error = await #expect(throws: NATSError.self) {
                        try await NATSClient.withClient(configuration, logger: quiet) { _ in }
                    }
                    #expect(error?.code == .authorization || error?.code == .invalidConfiguration)
                    #expect(error?.description.contains("zebra") == false)
                }
            }
        }

        @Test("13.21: the same refusal twice gives up, also if it is to go on trying, and also after it was connected")
        func givesUp() async throws {
            try await withNATSServer(.with { $0.authorization = .token("right") }) { server in
                var configuration = NATSConfiguration()
                configuration.servers = [server.url]
                configuration.credentials = .token("wrong")
                configuration.keepsTryingToConnect = true
                let client = try NATSClient(configuration, logger: quiet)
                let refusals = Record<NATSError.Code>()
                let events = client.events
                async let watching: Void = {
                    for await event in events {
                        if case .connectFailed(_, let error) = event { refusals.note(error.code) }
                    }
                }()
                await #expect(throws: NATSError.self) { try await client.run() }
                await watching
                #expect(refusals.all == [.authorization, .authorization])
                try await withClient(of: server.url, change: { $0.credentials = .token("right") }) { client in
                    try await server.restart { $0.authorization = .token("another") }
                    #expect(try await code { try await client.closed } == .authorization)
                }
            }
        }

        @Test("A user's JWT, from memory and from a file; another operator's is refused")
        func jwt() async throws {
            let issuer = TestOperator()
            try await withNATSServer(.with { $0.authorization = .jwt(issuer) }) { server in
                let user = issuer.credentials(deniedPublish: ["no"])
                try await withFile(user.file) { path in
                    for credentials in [NATSCredentials.jwt(user.jwt, seed: user.key.seed), .file(path)] {
                        try await withClient(of: server.url, change: { $0.credentials = credentials }) { client in
                            let events = client.events
                            try await client.publish("".utf8, to: "no")
                            for await event in events {
                                guard case .serverError(let error) = event else { continue }
                                #expect(error.code == .permissions)
                                break
                            }
                            try await client.flush()
                        }
                    }
                }
                for user in [TestOperator().credentials(), issuer.credentials(lifetime: .seconds(-10))] {
                    var configuration = NATSConfiguration()
                    configuration.servers = [server.url]
                    configuration.credentials = .jwt(user.jwt, seed: user.key.seed)
                    configuration.keepsTryingToConnect = true
                    let client = try NATSClient(configuration, logger: quiet)
                    let error = await #expect(throws: NATSError.self) { try await client.run() }
                    #expect(error?.code == .authorization)
                    #expect(error?.description.contains(user.key.seed) == false)
                }
            }
        }

        @Test("13.21: credentials that run out lead to another connection with those that the file has by then")
        func expiry() async throws {
            let issuer = TestOperator()
            try await withNATSServer(.with { $0.authorization = .jwt(issuer) }) { server in
                try await withFile(issuer.credentials(lifetime: .seconds(3)).file) { path in
                    try await withClient(of: server.url, change: { $0.credentials = .file(path) }) { client in
                        let events = client.events
                        try Data(issuer.credentials().file.utf8).write(to: URL(filePath: path), options: .atomic)
                        var reason: NATSError?
                        for await event in events {
                            if case .disconnected(let error, _) = event { reason = error }
                            if case .connected = event { break }
                        }
                        #expect(reason?.code == .authorization)
                        try await client.flush()
                    }
                }
            }
        }

        private func withFile(_ text: String, _ body: (String) async throws -> Void) async throws {
            let path = "/tmp/hindsight-\(NATSTestServer.uniqueName("creds"))"
            try Data(text.utf8).write(to: URL(filePath: path))
            // A small file of a test that is over may stay.
            defer { try? FileManager.default.removeItem(atPath: path) }
            try await body(path)
        }

        @Test("A credentials file that is missing or is none says so")
        func badFiles() async throws {
            let server = try await NATSTestServer.shared()
            for path in ["/nowhere/zebra.creds", "/etc/hostname"] {
                var configuration = NATSConfiguration()
                configuration.servers = [server.url]
                configuration.credentials = .file(path)
                let error = await #expect(throws: NATSError.self) {
                    try await NATSClient.withClient(configuration, logger: quiet) { _ in }
                }
                #expect(error?.code == .invalidConfiguration)
                #expect(error?.description.contains(path) == true)
            }
        }
    }
#endif
