#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Servers that do what they should not", .timeLimit(.minutes(2)))
    struct ScriptedServerTests {
        @Test("13.19: a message that was half written when the connection broke is not continued on the next one")
        func noHalfMessage() async throws {
            let published = Record<String>()
            let cut: ScriptedNATSServer.Script = { connection in
                try await connection.greet()
                if connection.number == 1 {
                    try await connection.expect(.ping)
                    try await connection.send("PONG\r\n")
                }
                _ = try await connection.socket.bytes(150_000)
                await connection.reset()
            }
            let whole: ScriptedNATSServer.Script = { connection in
                try await connection.greet()
                // Anything that is no operation fails here.
                try await connection.serveUntilClosed { operation in
                    if case .publish(_, _, _, let payload) = operation { published.note(payload) }
                }
            }
            try await withScriptedNATSServer(playing: [cut, cut, whole]) { server in
                try await withClient(of: server.url, change: { $0.outputBufferBytes = 10_000 }) { client in
                    var last = 0
                    // As long as it takes: what the system has taken when the connection breaks is lost with it.
                    while published.count < 3 {
                        let text = "\(last + 1) " + String(repeating: "x", count: 99_000)
                        do throws(NATSError) {
                            try await client.publish(text.utf8, to: "a")
                            last += 1
                        } catch {
                            // Between two connections the buffer is full soon.
                            try #require(error.code == .disconnected)
                            await Task.yield()
                        }
                    }
                    try await client.flush(within: .seconds(60))
                    let numbers = published.all.compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
                    #expect(published.all.allSatisfy { $0.utf8.count >= 99_002 })
                    #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
                    #expect(numbers.last == last)
                    #expect(server.connectionCount == 3)
                }
            }
        }

        @Test("13.26: pings go out also under load")
        func pingsUnderLoad() async throws {
            let (pings, messages) = (Record<Int>(), Record<Int>())
            let script: ScriptedNATSServer.Script = { connection in
                try await connection.greet()
                while let operation = try await connection.nextIfAny() {
                    switch operation {
                    case .ping:
                        pings.note(messages.count)
                        // The client may have gone.
                        guard (try? await connection.send("PONG\r\n")) != nil else { return }
                    default: messages.note(0)
                    }
                }
            }
            try await withScriptedNATSServer(playing: script) { server in
                try await withClient(
                    of: server.url,
                    change: {
                        $0.pingInterval = .milliseconds(20)
                        // The script reads slowly, and the machine may have much to do.
                        $0.outputBufferBytes = 5_000
                        $0.unansweredPings = 10_000
                    }
                ) { client in
                    while pings.count < 6 || messages.count < 1_000 {
                        try await client.publish("x".utf8, to: "a")
                        await Task.yield()
                    }
                    #expect(server.connectionCount == 1)
                }
            }
        }

        @Test("13.25, 13.47: INFO at any time, in the middle of everything, byte by byte")
        func infoAnytime() async throws {
            let script: ScriptedNATSServer.Script = { connection in
                try await connection.greet()
                try await connection.serveUntilClosed { operation in
                    guard case .subscribe(_, _, let sid) = operation else { return }
                    let text = """
                        INFO {"connect_urls":[],"max_payload":50}\r\nMSG a \(sid) 3\r\none\r\n\
                        info {"connect_urls":["127.0.0.1:1","[::1]:2","nonsense:x"]}\r\n+OK\r\n\
                        MSG a \(sid) 3\r\ntwo\r\nPING\r\nINFO {"max_payload":70,"headers":true}\r\n
                        """
                    for byte in text.utf8 { try await connection.send([byte]) }
                }
            }
            try await withScriptedNATSServer(playing: script) { server in
                try await withClient(of: server.url) { client in
                    let events = client.events
                    let subscription = try client.subscribe(to: "a")
                    var reader = subscription.makeAsyncIterator()
                    #expect(await reader.next()?.text == "one")
                    #expect(await reader.next()?.text == "two")
                    for await event in events {
                        guard case .discoveredServers(let servers) = event else { continue }
                        #expect(Set(servers) == ["nats://127.0.0.1:1", "nats://[::1]:2"])
                        break
                    }
                    try await eventually("it knows") { client.serverInfo?.maximumPayload == 70 }
                    let payload = [UInt8](repeating: 0, count: 71)
                    #expect(try await code { try await client.publish(payload, to: "a") } == .payloadTooLarge)
                    try await client.flush()
                    #expect(server.connectionCount == 1)
                }
            }
        }

        @Test("13.47: junk ends the connection: what came before it is handed over, what comes behind it is not")
        func junk() async throws {
            let script: ScriptedNATSServer.Script = { connection in
                try await connection.greet()
                try await connection.serveUntilClosed { operation in
                    guard case .subscribe(_, _, let sid) = operation, connection.number == 1 else { return }
                    try await connection.send("MSG a \(sid) 3\r\none\r\nJUNK\r\nMSG a \(sid) 3\r\ntwo\r\n")
                }
            }
            try await withScriptedNATSServer(playing: script) { server in
                try await withClient(of: server.url) { client in
                    let events = client.events
                    let subscription = try client.subscribe(to: "a")
                    for await event in events {
                        guard case .disconnected(let error, _) = event else { continue }
                        #expect(error.code == .protocolViolation)
                        #expect(error.description.contains("two") == false)
                        break
                    }
                    try await client.flush()
                    subscription.drain()
                    var texts: [String] = []
                    for await message in subscription { texts.append(message.text) }
                    #expect(texts == ["one"])
                }
            }
        }

        @Test("A connection that breaks in the middle of a message hands over none of it")
        func halfMessage() async throws {
            let script: ScriptedNATSServer.Script = { connection in
                try await connection.greet()
                guard connection.number == 1 else {
                    return try await connection.serveUntilClosed { operation in
                        guard case .subscribe(_, _, let sid) = operation else { return }
                        try await connection.sendMessage("a", sid: sid, "whole")
                    }
                }
                while let operation = try await connection.nextIfAny() {
                    guard case .subscribe(_, _, let sid) = operation else {
                        try await connection.send("PONG\r\n")
                        continue
                    }
                    try await connection.send("MSG a \(sid) 3\r\none\r\nMSG a \(sid) 100\r\nhalf")
                    return await connection.reset()
                }
            }
            try await withScriptedNATSServer(playing: script) { server in
                try await withClient(of: server.url) { client in
                    let subscription = try client.subscribe(to: "a")
                    var reader = subscription.makeAsyncIterator()
                    // The reset may overtake the first one.
                    var texts = [await reader.next()?.text]
                    if texts == ["one"] { texts.append(await reader.next()?.text) }
                    #expect(texts.last == "whole")
                }
            }
        }

        @Test(
            "What answers like no NATS server, refuses, or goes before the end of the greeting, is an error that says so"
        )
        func badGreetings() async throws {
            let cases: [(String, NATSError.Code)] = [
                ("HTTP/1.1 400 Bad Request\r\n\r\n", .protocolViolation), ("INFO nonsense\r\n", .protocolViolation),
                ("INFO {\"max_payload\":\"x\"}\r\n", .protocolViolation),
                ("INFO {}\r\n-ERR 'Authorization Violation'\r\n", .authorization),
                ("-ERR 'maximum connections exceeded'\r\n", .serverError), ("", .disconnected),
                ("INFO {}\r\n", .disconnected),
            ]
            for (text, expected) in cases {
                let script: ScriptedNATSServer.Script = { connection in
                    try await connection.send(text)
                    if text.hasPrefix("INFO {}") { _ = try await connection.nextIfAny() }
                }
                try await withScriptedNATSServer(playing: script) { server in
                    var configuration = NATSConfiguration()
                    configuration.servers = [server.url]
                    let error = await #expect(throws: NATSError.self) {
                        try await NATSClient.withClient(configuration, logger: quiet) { _ in }
                    }
                    #expect(error?.code == expected, "\(text): \(String(describing: error))")
                }
            }
        }
    }
#endif
