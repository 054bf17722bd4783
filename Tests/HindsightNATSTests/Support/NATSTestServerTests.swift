#if NATS
    import HindsightTestSupport
    import Testing

    @Suite("A NATS server for tests", .timeLimit(.minutes(5)))
    struct NATSTestServerTests {
        @Test func takesClients() async throws {
            try await withNATSServer { server in
                let client = try await server.connectByHand()
                try await client.send("SUB a 1\r\nPUB a 5\r\nhello\r\n")
                #expect(try await client.line() == "MSG a 1 5")
                #expect(try await client.line() == "hello")
                #expect(try await server.clients().map(\.subscriptions_list) == [["a"]])
            }
        }

        @Test func hasTheOptionsThatItIsGiven() async throws {
            let options = NATSServerOptions.with {
                $0.name = "one"
                $0.maxPayload = 1_000
                $0.jetStream = NATSServerJetStream(sync: .always)
                $0.authorization = .users([
                    .init(.password(user: "a\"b\\c", password: "$PATH"), permissions: "publish: { deny: \"x\" }")
                ])
                $0.pingInterval = .milliseconds(200)
                $0.lines = ["max_subscriptions: 1"]
            }
            try await withNATSServer(options) { server in
                let client = try TestSocket.connect(to: server.port)
                let info = try await client.line()
                #expect(info.contains(#""server_name":"one""#))
                #expect(info.contains(#""max_payload":1000"#))
                #expect(info.contains(#""jetstream":true"#))
                #expect(info.contains(#""auth_required":true"#))
                let connect = #"CONNECT {"user":"a\"b\\c","pass":"$PATH","verbose":false}"#
                try await client.send("\(connect)\r\nPUB x 0\r\n\r\n")
                // The pings that were asked for come in between.
                var lines: [String] = []
                while lines.last?.hasPrefix("-ERR") != true { lines.append(try await client.line()) }
                #expect(lines.last == #"-ERR 'Permissions Violation for Publish to "x"'"#)
                #expect(try await server.monitor("/jsz", as: JetStreamState.self).config.sync_always == true)
            }
        }

        private struct JetStreamState: Decodable {
            struct Config: Decodable { let sync_always: Bool? }
            let config: Config
        }

        @Test(arguments: [true, false])
        func keepsItsPortsAndStreams(killing: Bool) async throws {
            try await withNATSServer(.jetStream) { server in
                let before = try await server.connectByHand()
                let stream = #"{"name":"S","subjects":["s.*"]}"#
                #expect(try await before.request("$JS.API.STREAM.CREATE.S", stream).contains("created"))
                #expect(try await before.request("s.1", "data").contains(#""seq":1"#))
                try await server.restart(killing: killing)
                _ = try await before.rest()
                let after = try await server.connectByHand()
                #expect(try await after.request("$JS.API.STREAM.INFO.S", "").contains(#""messages":1"#))
            }
        }

        @Test func sleepsAndGoesOn() async throws {
            try await withNATSServer { server in
                let client = try await server.connectByHand()
                try await server.suspend()
                try await client.send("PING\r\n")
                await #expect(throws: TestSocket.Failure.self) { try await client.line(within: .milliseconds(300)) }
                await server.resume()
                #expect(try await client.line() == "PONG")
            }
        }

        @Test func leavesAsALameDuck() async throws {
            try await withNATSServer { server in
                let client = try await server.connectByHand()
                await server.lameDuck()
                #expect(try await client.line().contains(#""ldm":true"#))
                _ = try await client.rest()
                await server.waitForEnd()
                #expect(await !server.isRunning)
            }
        }

        @Test func endsWithItsScopeAlsoWhenItIsSuspended() async throws {
            let port = try await withNATSServer { server in
                try await server.suspend()
                return server.port
            }
            #expect(throws: TestSocket.Failure.self) { try TestSocket.connect(to: port) }
        }

        @Test func saysInItsLogWhyItDoesNotStart() async throws {
            let error = await #expect(throws: NATSTestServerError.self) {
                try await withNATSServer(.with { $0.lines = ["max_nonsense: 1"] }) { _ in }
            }
            #expect(error?.log.contains("max_nonsense") == true)
        }

        @Test func isSharedByTests() async throws {
            async let one = NATSTestServer.shared()
            async let two = NATSTestServer.shared()
            #expect(try await one.port == two.port)
            #expect(try await one.connectByHand().request("$JS.API.INFO", "").contains("account_info_response"))
        }
    }
#endif
