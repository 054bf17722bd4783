#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Connecting again", .timeLimit(.minutes(2)))
    struct ReconnectTests {
        /// Waits for an event among those to come.
        private func wait(
            for what: Comment, in events: AsyncStream<NATSEvent>, _ isWanted: (NATSEvent) -> Bool,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            for await event in events { if isWanted(event) { return } }
            try #require(Bool(false), what, sourceLocation: sourceLocation)
        }

        private func isConnected(_ event: NATSEvent) -> Bool { if case .connected = event { true } else { false } }
        private func isDisconnected(_ event: NATSEvent) -> Bool {
            if case .disconnected = event { true } else { false }
        }

        @Test(
            "13.15: subscriptions come back, and what is published meanwhile arrives once, in order",
            arguments: [true, false])
        func restores(killing: Bool) async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url) { client in
                    let (one, all) = (try client.subscribe(to: "a.1"), try client.subscribe(to: "a.*"))
                    let events = client.events
                    try await client.publish(1...10, to: "a.1")
                    try await client.flush()
                    if killing { await server.kill() } else { await server.terminate() }
                    try await wait(for: "it is lost", in: events, isDisconnected)
                    try await client.publish(11...20, to: "a.1")
                    try await client.publish(21...21, to: "a.2")
                    try await server.start()
                    try await client.flushWhenConnected()
                    try await client.publish(22...22, to: "a.1")
                    try await client.flush()
                    one.drain()
                    all.drain()
                    var numbers: ([Int?], [Int?]) = ([], [])
                    for await message in one { numbers.0.append(message.number) }
                    for await message in all { numbers.1.append(message.number) }
                    #expect(numbers.0 == Array(1...20) + [22])
                    #expect(numbers.1 == Array(1...22))
                }
            }
        }

        @Test(
            "13.15: many times, with publishers at work: nothing comes twice or out of order, and what is lost is counted"
        )
        func manyTimes() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url) { client in
                    let subscription = try client.subscribe(to: "a.*")
                    let events = client.events
                    let unconfirmed = Record<Int>()
                    async let watching: Void = {
                        for await event in events {
                            if case .disconnected(_, let count) = event { unconfirmed.note(count) }
                        }
                    }()
                    let isDone = Gate()
                    try await withThrowingTaskGroup { group in
                        for publisher in 0..<4 {
                            group.addTask {
                                for number in 1...6_000 {
                                    try await client.publish("\(number)".utf8, to: "a.\(publisher)")
                                    if number % 100 == 0 { await Task.yield() }
                                }
                            }
                        }
                        group.addTask {
                            for round in 0..<4 {
                                try await server.restart(killing: round % 2 == 0)
                                try await client.flushWhenConnected()
                            }
                        }
                        try await group.waitForAll()
                        isDone.open()
                    }
                    try await eventually("it is connected") {
                        (try? await client.flush()) != nil
                    }
                    // Behind the last restart, which may have come behind all others.
                    for publisher in 0..<4 { try await client.publish("6001".utf8, to: "a.\(publisher)") }
                    try await client.flush()
                    subscription.drain()
                    var last = [NATSSubject: Int]()
                    var count = 0
                    for await message in subscription {
                        let number = try #require(message.number)
                        #expect(number > last[message.subject] ?? 0)
                        last[message.subject] = number
                        count += 1
                    }
                    client.close()
                    await watching
                    // What came back from the server before it died may have been lost with the connection too.
                    #expect(count <= 24_004)
                    #expect(unconfirmed.count == 4)
                    #expect(last.count == 4 && last.values.allSatisfy { $0 == 6_001 })
                }
            }
        }

        @Test("13.16: members of a queue group are members again")
        func queueGroups() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url) { first in
                    try await withClient(of: server.url) { second in
                        let members = try [first, second].map { try $0.subscribe(to: "a", queue: "q") }
                        try await first.flush()
                        try await second.flush()
                        try await server.restart(killing: true)
                        try await first.flushWhenConnected()
                        try await second.flushWhenConnected()
                        try await first.publish(1...200, to: "a")
                        try await first.flush()
                        try await second.flush()
                        let counts = members.map(\.pending.messages)
                        #expect(counts.reduce(0, +) == 200)
                        #expect(counts.allSatisfy { $0 > 0 })
                    }
                }
            }
        }

        @Test("13.17: a server is told how many messages are left")
        func remainingCounts() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url, change: { $0.name = "me" }) { client in
                    let subscription = try client.subscribe(to: "a")
                    subscription.unsubscribe(after: 10)
                    try await client.publish(1...4, to: "a")
                    try await client.flush()
                    try await server.restart()
                    try await client.flushWhenConnected()
                    try await client.publish(5...30, to: "a")
                    try await client.flush()
                    #expect(subscription.pending.messages == 10)
                    let me = try await server.clients().first { $0.name == "me" }
                    #expect(me?.out_msgs == 6)
                    #expect(me?.subscriptions == 0)
                    var numbers: [Int?] = []
                    for await message in subscription { numbers.append(message.number) }
                    #expect(numbers == Array(1...10))
                    try await subscription.closed
                }
            }
        }

        @Test("13.18: what is kept for the next connection has a limit", arguments: [0, 1_000])
        func boundedBuffer(_ limit: Int) async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url, change: { $0.reconnectBufferBytes = limit }) { client in
                    let subscription = try client.subscribe(to: "a")
                    let events = client.events
                    try await client.flush()
                    await server.kill()
                    try await wait(for: "it is lost", in: events, isDisconnected)
                    var accepted = 0
                    do throws(NATSError) {
                        while accepted < 10_000 {
                            try await client.publish("0123456789".utf8, to: "a")
                            accepted += 1
                        }
                    } catch {
                        #expect(error.code == .disconnected && error.isRetriable)
                    }
                    #expect(accepted < 100 && (accepted > 0) == (limit > 0))
                    try await server.start()
                    try await client.flushWhenConnected()
                    #expect(subscription.pending.messages == accepted)
                }
            }
        }

        @Test("13.20: closing ends attempts and waits at once")
        func closeEndsAttempts() async throws {
            try await withNATSServer { server in
                var configuration = NATSConfiguration()
                configuration.servers = [server.url]
                configuration.reconnectBackoff.shortest = .seconds(600)
                configuration.reconnectBackoff.longest = .seconds(600)
                let client = try NATSClient(configuration, logger: quiet)
                let running = Task { try await client.run() }
                try await client.flush()
                let events = client.events
                await server.kill()
                try await wait(for: "it is lost", in: events, isDisconnected)
                client.close()
                try await running.value
            }
        }

        @Test("Without a server the first round ends it, unless it is to go on trying")
        func noServer() async throws {
            try await withNATSServer { server in
                await server.kill()
                var configuration = NATSConfiguration()
                configuration.servers = [server.url, "127.0.0.1:\(server.ports.monitoring)"]
                let error = await #expect(throws: NATSError.self) {
                    try await NATSClient.withClient(configuration, logger: quiet) { _ in }
                }
                #expect(error?.code == .connectionFailed)
                configuration.keepsTryingToConnect = true
                configuration.servers = [server.url]
                try await NATSClient.withClient(configuration, logger: quiet) { client in
                    let subscription = try client.subscribe(to: "a")
                    try await client.publish(1...3, to: "a")
                    try await server.start()
                    try await client.flushWhenConnected()
                    #expect(subscription.pending.messages == 3)
                }
            }
        }

        @Test("withClient begins when it is connected, and what its body published has arrived when it returns")
        func withClientDrains() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            var configuration = NATSConfiguration()
            configuration.servers = [try await NATSTestServer.shared().url]
            try await withClient { watcher in
                let subscription = try watcher.subscribe(to: subject)
                try await watcher.flush()
                for _ in 0..<20 {
                    try await NATSClient.withClient(configuration, logger: quiet) {
                        try await $0.publish("1".utf8, to: subject)
                    }
                }
                try await watcher.flush()
                #expect(subscription.pending.messages == 20)
            }
            struct Own: Error {}
            await #expect(throws: Own.self) {
                try await NATSClient.withClient(configuration, logger: quiet) { _ in throw Own() }
            }
        }

        @Test("13.24: on demand, and what was published is not lost by it")
        func onDemand() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url) { client in
                    let subscription = try client.subscribe(to: "a")
                    for round in 1...5 {
                        try await client.flush()
                        let events = client.events
                        client.reconnect()
                        try await wait(for: "connected", in: events, isConnected)
                        try await client.publish(round...round, to: "a")
                    }
                    try await client.flush()
                    #expect(subscription.pending.messages == 5)
                    #expect(try await server.clients().count == 1)
                }
            }
        }

        @Test("13.25: it leaves a lame duck for another server before that is gone, and loses nothing")
        func lameDuck() async throws {
            // Time enough to leave before it is thrown out.
            let patient = NATSServerOptions.with { $0.lameDuckGracePeriod = .seconds(25) }
            try await withNATSServer(patient) { leaving in
                try await withNATSServer(patient) { staying in
                    try await withClient(of: leaving.url, staying.url) { client in
                        // It may have begun with either of them.
                        let isThere = client.serverInfo?.id
                        let (first, second) =
                            try await leaving.clients().isEmpty ? (staying, leaving) : (leaving, staying)
                        let events = client.events
                        let subscription = try client.subscribe(to: "a")
                        try await client.publish(1...10, to: "a")
                        try await client.flush()
                        await first.lameDuck()
                        try await wait(for: "it says so", in: events) { if case .lameDuck = $0 { true } else { false } }
                        try await client.publish(11...20, to: "a")
                        var reason: NATSError?
                        for await event in events {
                            if case .disconnected(let error, let unconfirmed) = event {
                                reason = error
                                #expect(unconfirmed == 0)
                                break
                            }
                        }
                        // It was the client that left.
                        #expect(reason?.description.contains("about to shut down") == true)
                        try await client.flush()
                        #expect(client.serverInfo?.id != isThere)
                        #expect(try await second.clients().count == 1)
                        subscription.drain()
                        var numbers: [Int?] = []
                        for await message in subscription { numbers.append(message.number) }
                        #expect(numbers == Array(1...20))
                    }
                }
            }
        }

        @Test("13.25: with nowhere to go it stays with a lame duck, and comes back")
        func lameDuckAlone() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url) { client in
                    let events = client.events
                    await server.lameDuck()
                    try await wait(for: "it is lost", in: events, isDisconnected)
                    await server.waitForEnd()
                    try await server.start()
                    try await client.flushWhenConnected()
                }
            }
        }

        @Test("13.11: a subscription that drains is not restored")
        func drainingIsNotRestored() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url, change: { $0.name = "me" }) { client in
                    let gate = Gate()
                    let handled = Record<Int>()
                    let subscription = try client.subscribe(to: "a")
                    async let handling: Void = {
                        for await message in subscription {
                            await gate.pass()
                            handled.note(message.number ?? 0)
                        }
                    }()
                    try await client.publish(1...2, to: "a")
                    try await eventually("it is at work") { gate.arrivals == 1 }
                    subscription.drain()
                    try await client.flush()
                    try await server.restart(killing: true)
                    try await client.flushWhenConnected()
                    #expect(try await server.clients().first { $0.name == "me" }?.subscriptions == 0)
                    try await client.publish(3...3, to: "a")
                    try await client.flush()
                    gate.open()
                    try await subscription.closed
                    await handling
                    #expect(handled.all == [1, 2])
                }
            }
        }

        @Test("13.34: what was published without a connection and is too large for the next server is counted")
        func tooLargeForTheNext() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url) { client in
                    let subscription = try client.subscribe(to: "a")
                    let events = client.events
                    try await client.flush()
                    await server.kill()
                    try await wait(for: "it is lost", in: events, isDisconnected)
                    try await client.publish([UInt8](repeating: 0, count: 2_000), to: "a")
                    try await client.publish("1".utf8, to: "a")
                    try await server.restart { $0.maxPayload = 1_000 }
                    try await wait(for: "it is told", in: events) {
                        if case .discarded(messages: 1) = $0 { true } else { false }
                    }
                    try await client.flush()
                    #expect(subscription.pending.messages == 1)
                    #expect(try await server.clients().count == 1)
                }
            }
        }
    }
#endif
