#if NATS
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
