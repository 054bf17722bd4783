#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("A server that hangs", .timeLimit(.minutes(2)))
    struct HangingServerTests {
        @Test("13.22: pings without an answer lead to another connection, and waiting publishers go on")
        func staleConnection() async throws {
            try await withNATSServer { server in
                try await withClient(
                    of: server.url,
                    change: {
                        $0.pingInterval = .milliseconds(300)
                        $0.connectTimeout = .seconds(1)
                        $0.outputBufferBytes = 10_000
                        $0.reconnectBufferBytes = 1_000
                    }
                ) { client in
                    let events = client.events
                    try await server.suspend()
                    let publishing = Task {
                        // As much as the system takes, and then what the buffer takes.
                        while true { try await client.publish([UInt8](repeating: 0, count: 100_000), to: "a") }
                    }
                    var reason: NATSError?
                    for await event in events {
                        if case .disconnected(let error, _) = event {
                            reason = error
                            break
                        }
                    }
                    #expect(reason?.code == .staleConnection)
                    guard case .failure(let error) = await publishing.result else { return }
                    #expect((error as? NATSError)?.code == .disconnected)
                    await server.resume()
                    try await client.flush()
                }
            }
        }

        @Test("13.22: a flush that nobody answers is enough to see it")
        func flushSeesIt() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url, change: { $0.pingInterval = .milliseconds(300) }) { client in
                    try await server.suspend()
                    #expect(try await code { try await client.flush(within: .seconds(600)) } == .disconnected)
                    await server.resume()
                    try await client.flush()
                }
            }
        }

        @Test("While it connects: the time for that passes, and closing ends it at once")
        func connecting() async throws {
            try await withNATSServer { server in
                try await server.suspend()
                var configuration = NATSConfiguration()
                configuration.servers = [server.url]
                configuration.connectTimeout = .milliseconds(50)
                let slow = configuration
                #expect(
                    try await code { try await NATSClient.withClient(slow, logger: quiet) { _ in } }
                        == .connectionFailed)
                configuration.connectTimeout = .seconds(600)
                for end in [{ (client: NATSClient) in client.close() }, { client in client.drain() }] {
                    let client = try NATSClient(configuration, logger: quiet)
                    let running = Task { try await client.run() }
                    for _ in 0..<20 { await Task.yield() }
                    end(client)
                    // Nothing is lost, whether it had begun or not.
                    try await running.value
                    await server.resume()
                    try await server.suspend()
                }
            }
        }

        @Test("D5, 13.30: in a drain the time passes; closing needs no answer; a flush fails then")
        func ending() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url) { client in
                    let subscription = try client.subscribe(to: "a")
                    try await client.flush()
                    try await server.suspend()
                    subscription.drain(timeout: .milliseconds(50))
                    #expect(try await code { try await subscription.closed } == .drainTimedOut)
                    let flushing = Task { try await client.flush(within: .seconds(600)) }
                    try await client.publish("".utf8, to: "b")
                    client.drain(timeout: .milliseconds(50))
                    #expect(try await code { try await client.closed } == .drainTimedOut)
                    guard case .failure(let error) = await flushing.result else {
                        Issue.record("a flush without an answer has succeeded")
                        return
                    }
                    // Or it came too late to begin.
                    let code = (error as? NATSError)?.code
                    #expect(code == .drainTimedOut || code == .closed)
                }
                await server.resume()
                try await withClient(of: server.url) { client in
                    try await server.suspend()
                    let flushing = Task { try await client.flush(within: .seconds(600)) }
                    let requesting = Task { try await client.request("".utf8, to: "a", within: .seconds(600)) }
                    for _ in 0..<20 { await Task.yield() }
                    client.close()
                    try await client.closed
                    await #expect(throws: NATSError.self) { try await flushing.value }
                    await #expect(throws: NATSError.self) { try await requesting.value }
                }
            }
        }

        @Test("A lame duck that hangs before it has been left is given up")
        func hangingLameDuck() async throws {
            try await withNATSServer { first in
                try await withNATSServer { second in
                    try await withClient(
                        of: first.url, second.url, change: { $0.pingInterval = .milliseconds(300) }
                    ) { client in
                        let (server, other) =
                            try await first.clients().isEmpty ? (second, first) : (first, second)
                        try await server.suspend()
                        await server.lameDuck()
                        try await eventually("it is with the other one") { try await other.clients().count == 1 }
                        try await client.flush()
                        await server.resume()
                    }
                }
            }
        }
    }
#endif
