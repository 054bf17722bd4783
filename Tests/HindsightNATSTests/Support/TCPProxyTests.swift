#if NATS
    import HindsightTestSupport
    import Testing

    @Suite("A proxy in front of a NATS server", .timeLimit(.minutes(5)))
    struct TCPProxyTests {
        @Test func cutsRefusesAndFallsSilent() async throws {
            try await withNATSServer { server in
                try await TCPProxy.with(to: server.port) { proxy in
                    let first = try TestSocket.connect(to: proxy.port)
                    #expect(try await first.line().hasPrefix("INFO {"))
                    proxy.refuse()
                    #expect(try await first.rest() == [])
                    #expect(try await TestSocket.connect(to: proxy.port).rest() == [])
                    proxy.mend()
                    let second = try TestSocket.connect(to: proxy.port)
                    #expect(try await second.line().hasPrefix("INFO {"))
                    proxy.silence()
                    try await second.send("CONNECT {\"verbose\":false}\r\nPING\r\n")
                    await #expect(throws: TestSocket.Failure.self) { try await second.line(within: .milliseconds(200)) }
                    proxy.mend()
                    #expect(try await second.line() == "PONG")
                    proxy.cutAll()
                    #expect(try await second.rest() == [])
                }
            }
        }

        @Test func cutsAfterSoManyBytes() async throws {
            let policy = CutPolicy([.bytes], bytes: 5...5, limit: 1)
            try await withNATSServer { server in
                try await TCPProxy.with(to: server.port, cutting: policy) { proxy in
                    let first = try TestSocket.connect(to: proxy.port)
                    #expect(try await first.rest() == Array("INFO ".utf8))
                    let second = try TestSocket.connect(to: proxy.port)
                    #expect(try await second.line().hasPrefix("INFO {"))
                }
            }
        }
    }
#endif
