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

    extension NATSTestServer {
        /// A connection that has said `CONNECT` and seen that it is taken.
        nonisolated func connectByHand() async throws -> TestSocket {
            let socket = try TestSocket.connect(to: port)
            #expect(try await socket.line().hasPrefix("INFO {"))
            let connect = #"CONNECT {"verbose":false,"protocol":1,"headers":true,"no_responders":true}"#
            try await socket.send("\(connect)\r\nPING\r\n")
            #expect(try await socket.line() == "PONG")
            // What the server knows of the client by now, such as its account.
            #expect(try await socket.line().contains(#""connect_info":true"#))
            return socket
        }
    }

    extension TestSocket {
        /// Asks, and returns the first answer's text.
        func request(_ subject: String, _ text: String) async throws -> String {
            let inbox = NATSTestServer.uniqueName("_INBOX.")
            try await send("SUB \(inbox) 99\r\nUNSUB 99 1\r\nPUB \(subject) \(inbox) \(text.utf8.count)\r\n\(text)\r\n")
            let head = try await line().split(separator: " ")
            try #require(head.first == "MSG", "\(head)")
            let count = try #require(head.last.flatMap { Int($0) })
            return String(decoding: try await bytes(count + 2), as: UTF8.self)
        }
    }
#endif
