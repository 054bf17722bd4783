#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import NIOSSL
    import Testing

    @Suite("Encrypted connections", .timeLimit(.minutes(2)))
    struct EncryptionTests {
        /// Trusts the authority of these certificates, and shows the client's own if it is asked to.
        private func trusting(_ certificates: TestCertificates, showsOwn: Bool = false) throws -> TLSConfiguration {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = .file(certificates.authority)
            if showsOwn {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificates.client)
                    .map { .certificate($0) }
                configuration.privateKey = .privateKey(
                    try NIOSSLPrivateKey(file: certificates.clientKey, format: .pem))
            }
            return configuration
        }

        private func refusal(
            by server: String, _ tls: NATSTransportSecurity
        ) async throws -> NATSError? {
            var configuration = NATSConfiguration()
            configuration.servers = [server]
            configuration.tls = tls
            return await #expect(throws: NATSError.self) {
                try await NATSClient.withClient(configuration, logger: quiet) { _ in }
            }
        }

        @Test(
            "After the greeting and from the first byte, by name and by number, with a certificate of the client's own",
            arguments: [true, false], [true, false])
        func kinds(first: Bool, verifiesClients: Bool) async throws {
            try await TestCertificates.with { certificates in
                let serverTLS = NATSServerTLS(certificates, verifiesClients: verifiesClients, handshakeFirst: first)
                try await withNATSServer(.with { $0.tls = serverTLS }) { server in
                    let configuration = try trusting(certificates, showsOwn: verifiesClients)
                    for url in ["tls://localhost:\(server.port)", server.url] {
                        try await withClient(
                            of: url, change: { $0.tls = first ? .first(configuration) : .required(configuration) }
                        ) { client in
                            let subscription = try client.subscribe(to: "a")
                            let large = [UInt8](repeating: 7, count: 1 << 20)
                            for _ in 0..<10 { try await client.publish(large, to: "a") }
                            try await client.flush()
                            #expect(subscription.pending.bytes == 10 << 20)
                            try await server.restart(killing: true)
                            try await client.flushWhenConnected()
                            try await client.publish("x".utf8, to: "a")
                            client.drain()
                            var count = 0
                            for await _ in subscription { count += 1 }
                            #expect(count == 11)
                            try await client.closed
                        }
                    }
                    if verifiesClients {
                        let without = try trusting(certificates)
                        _ = try await refusal(by: server.url, first ? .first(without) : .required(without))
                    }
                }
            }
        }

        @Test("Whom it does not trust it does not talk to")
        func distrust() async throws {
            try await TestCertificates.with(subject: "DNS:elsewhere.example") { certificates in
                let serverTLS = NATSServerTLS(certificates)
                try await withNATSServer(.with { $0.tls = serverTLS }) { server in
                    let trusting = try trusting(certificates)
                    for (url, tls) in [
                        // Another name, another number, an authority that the system does not know.
                        ("tls://localhost:\(server.port)", NATSTransportSecurity.required(trusting)),
                        (server.url, .required(trusting)), (server.url, .ifAsked),
                    ] {
                        #expect(try await refusal(by: url, tls)?.code == .connectionFailed)
                    }
                    #expect(try await server.clients().isEmpty)
                }
            }
        }

        @Test("A server without TLS is refused where TLS is needed")
        func withoutTLS() async throws {
            let server = try await NATSTestServer.shared()
            #expect(try await refusal(by: server.url, .required())?.code == .invalidConfiguration)
            #expect(try await refusal(by: "tls://127.0.0.1:\(server.port)", .ifAsked)?.code == .invalidConfiguration)
            #expect(try await refusal(by: server.url, .first())?.code == .connectionFailed)
        }

        @Test("What comes between the greeting and the encryption is not believed")
        func injection() async throws {
            let script: ScriptedNATSServer.Script = { connection in
                try await connection.send("INFO {\"tls_required\":true}\r\nPONG\r\nMSG a 2 1\r\nx\r\n")
                // It sends nothing, or the beginning of an encryption.
                _ = try? await connection.socket.rest()
            }
            try await withScriptedNATSServer(playing: script) { server in
                let error = try await refusal(by: server.url, .ifAsked)
                #expect(error?.code == .protocolViolation)
            }
        }
    }
#endif
