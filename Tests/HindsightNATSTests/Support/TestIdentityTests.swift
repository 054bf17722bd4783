#if NATS
    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif
    import HindsightTestSupport
    import Testing

    @Suite("Who a test's clients are", .timeLimit(.minutes(5)))
    struct TestIdentityTests {
        @Test func aUserOfAnOperatorIsTaken() async throws {
            let issuer = TestOperator()
            try await withNATSServer(
                .with {
                    $0.authorization = .jwt(issuer)
                    $0.jetStream = NATSServerJetStream()
                }
            ) { server in
                let user = issuer.credentials(deniedPublish: ["x"])
                #expect(user.file.contains(user.jwt) && user.file.contains(user.key.seed))
                let (socket, answer) = try await connect(to: server, user.key, #""jwt":"\#(user.jwt)","#)
                #expect(answer == "PONG")
                #expect(try await socket.request("$JS.API.STREAM.NAMES", "").contains("stream_names_response"))
                try await socket.send("PUB x 0\r\n\r\n")
                #expect(try await socket.line() == #"-ERR 'Permissions Violation for Publish to "x"'"#)
                let system = issuer.systemCredentials()
                let (_, second) = try await connect(to: server, system.key, #""jwt":"\#(system.jwt)","#)
                #expect(second == "PONG")
            }
        }

        @Test func aUserWhoseTimeIsUpIsNotTaken() async throws {
            let issuer = TestOperator()
            try await withNATSServer(.with { $0.authorization = .jwt(issuer) }) { server in
                let user = issuer.credentials(lifetime: .seconds(-10))
                let (_, answer) = try await connect(to: server, user.key, #""jwt":"\#(user.jwt)","#)
                #expect(answer.hasPrefix("-ERR 'Auth") || answer.hasPrefix("-ERR 'User"), "\(answer)")
                let foreign = TestOperator().credentials()
                let (_, second) = try await connect(to: server, foreign.key, #""jwt":"\#(foreign.jwt)","#)
                #expect(second == "-ERR 'Authorization Violation'")
            }
        }

        @Test func aKeyIsTaken() async throws {
            let key = TestNKey()
            #expect(key.seed.hasPrefix("SU") && key.publicKey.hasPrefix("U"))
            try await withNATSServer(.with { $0.authorization = .nkey(key.publicKey) }) { server in
                let (_, answer) = try await connect(to: server, key, #""nkey":"\#(key.publicKey)","#)
                #expect(answer == "PONG")
                let other = TestNKey()
                let (_, second) = try await connect(to: server, other, #""nkey":"\#(other.publicKey)","#)
                #expect(second == "-ERR 'Authorization Violation'")
            }
        }

        @Test(arguments: [true, false])
        func certificatesAreTaken(handshakeFirst: Bool) async throws {
            try await TestCertificates.with { certificates in
                let tls = NATSServerTLS(certificates, verifiesClients: true, handshakeFirst: handshakeFirst)
                try await withNATSServer(.with { $0.tls = tls }) { server in
                    let socket = try TestSocket.connect(to: server.port)
                    if handshakeFirst {
                        // It waits for the client, and takes this for no TLS.
                        try await socket.send("PING\r\n")
                        #expect(try await !socket.rest().starts(with: "INFO".utf8))
                    } else {
                        #expect(try await socket.line().contains(#""tls_required":true,"tls_verify":true"#))
                    }
                }
            }
        }

        /// Signs what the server asks for; returns the first line of its answer, its second `INFO` left out.
        private func connect(
            to server: NATSTestServer, _ key: TestNKey, _ fields: String
        ) async throws -> (TestSocket, String) {
            struct Info: Decodable { let nonce: String }
            let socket = try TestSocket.connect(to: server.port)
            let text = try await socket.line().dropFirst("INFO ".count)
            let info = try JSONDecoder().decode(Info.self, from: Data(text.utf8))
            let signature = Data(key.sign(info.nonce)).base64EncodedString()
                .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            try await socket.send("CONNECT {\(fields)\"sig\":\"\(signature)\",\"verbose\":false}\r\nPING\r\n")
            return (socket, try await socket.line())
        }
    }
#endif
