#if NATS
    import HindsightTestSupport
    import Testing

    @Suite("A scripted NATS server", .timeLimit(.minutes(5)))
    struct ScriptedNATSServerTests {
        @Test func playsOneScriptAfterTheOther() async throws {
            try await withScriptedNATSServer(playing: [
                { connection in
                    try await connection.greet(["max_payload": "100"])
                    try await connection.expect(.subscribe("a.*", queue: "q", sid: "1"))
                    try await connection.sendMessage("a.b", sid: "1", headers: "NATS/1.0 503\r\n\r\n")
                },
                { connection in
                    try await connection.send("junk\r\n")
                    try await connection.serveUntilClosed()
                },
            ]) { server in
                let first = try TestSocket.connect(to: server.port)
                #expect(try await first.line().contains(#""max_payload":100,"#))
                try await first.send("CONNECT {\"a\": 1}\r\nPING\r\nSUB a.* q 1\r\n")
                #expect(try await first.line() == "PONG")
                #expect(try await first.line() == "HMSG a.b 1 16 16")
                #expect(try await first.rest() == Array("NATS/1.0 503\r\n\r\n\r\n".utf8))
                for _ in 0..<2 {
                    let further = try TestSocket.connect(to: server.port)
                    #expect(try await further.line() == "junk")
                    try await further.send("PING\r\n")
                    #expect(try await further.line() == "PONG")
                    await further.close()
                }
                #expect(server.connectionCount == 3)
            }
        }

        @Test func readsWhatClientsSend() async throws {
            let line = "PUB a r 2\r\nhi\r\nHPUB b 12 15\r\nNATS/1.0\r\n\r\nyes\r\nUNSUB 1 5\r\nUNSUB 2\r\nPONG\r\n"
            let (operations, report) = AsyncStream.makeStream(of: NATSClientOperation.self)
            try await withScriptedNATSServer { connection in
                while let operation = try await connection.nextIfAny() { report.yield(operation) }
                report.finish()
            } _: { server in
                let socket = try TestSocket.connect(to: server.port)
                // In pieces of one byte.
                for byte in line.utf8 { try await socket.send([byte]) }
                await socket.close()
                let expected: [NATSClientOperation] = [
                    .publish("a", reply: "r", headers: nil, payload: "hi"),
                    .publish("b", reply: nil, headers: "NATS/1.0\r\n\r\n", payload: "yes"),
                    .unsubscribe(sid: "1", after: 5), .unsubscribe(sid: "2", after: nil), .pong,
                ]
                #expect(await operations.reduce(into: []) { $0.append($1) } == expected)
            }
        }

        @Test func failsWithItsScript() async throws {
            await #expect(throws: ScriptedNATSConnection.Unexpected.self) {
                try await withScriptedNATSServer { connection in
                    try await connection.expect(.ping)
                } _: { server in
                    let socket = try TestSocket.connect(to: server.port)
                    try await socket.send("PONG\r\n")
                    _ = try await socket.rest()
                }
            }
        }

        @Test func endsWithTheTestWhateverItWaitsFor() async throws {
            let socket = try await withScriptedNATSServer { connection in
                try await connection.sendInfo()
                try await connection.expect(.ping, within: .seconds(600))
            } _: { server in
                let socket = try TestSocket.connect(to: server.port)
                #expect(try await socket.line().hasPrefix("INFO {"))
                return socket
            }
            #expect(try await socket.rest() == [])
        }

        @Test func resets() async throws {
            try await withScriptedNATSServer { connection in
                try await connection.expect(.ping)
                await connection.reset()
            } _: { server in
                let socket = try TestSocket.connect(to: server.port)
                try await socket.send("PING\r\n")
                _ = try await socket.rest()
            }
        }
    }
#endif
