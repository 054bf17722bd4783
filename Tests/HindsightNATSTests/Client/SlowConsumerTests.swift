#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Slow readers", .timeLimit(.minutes(2)))
    struct SlowConsumerTests {
        private func options(
            _ overflow: NATSSubscriptionOptions.Overflow, messages: Int = 10, bytes: Int = 1 << 20
        ) -> NATSSubscriptionOptions {
            var options = NATSSubscriptionOptions()
            options.overflow = overflow
            options.pendingMessages = messages
            options.pendingBytes = bytes
            return options
        }

        @Test(
            "13.27, 13.29: beyond the limit messages are lost and counted, said once an episode, and nobody else notices"
        )
        func drops() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let slow = try client.subscribe(to: subject, options: options(.dropAndReport))
                let other = try client.subscribe(to: subject)
                let episodes = Record<Int>()
                let events = client.events
                async let watching: Void = {
                    for await event in events {
                        if case .slowConsumer(subject.rawValue, let dropped) = event { episodes.note(dropped) }
                    }
                }()
                var reader = slow.makeAsyncIterator()
                for episode in 1...3 {
                    try await client.publish(1...100, to: subject)
                    try await client.flush()
                    #expect(slow.pending.messages == 10)
                    #expect(slow.pending.dropped == 90 * episode)
                    for number in 1...10 { #expect(await reader.next()?.number == number) }
                    let pending = slow.pending
                    #expect(pending.delivered + pending.dropped + pending.messages == 100 * episode)
                }
                #expect(other.pending.messages == 300)
                client.close()
                await watching
                #expect(episodes.count == 3)
            }
        }

        @Test("13.29: bytes of payloads and headers are a limit too")
        func dropsByBytes() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let slow = try client.subscribe(to: subject, options: options(.dropAndReport, bytes: 100))
                for _ in 0..<5 { try await client.publish([UInt8](repeating: 0, count: 30), to: subject) }
                try await client.flush()
                #expect(slow.pending.messages == 3 && slow.pending.bytes == 90 && slow.pending.dropped == 2)
                try await client.publish("".utf8, to: subject, headers: ["A": "0"])
                try await client.flush()
                #expect(slow.pending.messages == 3 && slow.pending.dropped == 3)
            }
        }

        @Test("13.27: one that suspends gets everything, in order, however slow it is", arguments: [1, 10, 1_000])
        func suspends(_ limit: Int) async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { publisher in
                try await withClient { client in
                    let slow = try client.subscribe(to: subject, options: options(.suspend, messages: limit))
                    try await client.flush()
                    async let publishing: Void = {
                        try await publisher.publish(1...5_000, to: subject)
                        try await publisher.flush()
                    }()
                    var reader = slow.makeAsyncIterator()
                    for number in 1...5_000 {
                        #expect(await reader.next()?.number == number)
                        if number % 100 == 0 { try await Task.sleep(for: .microseconds(100)) }
                    }
                    #expect(slow.pending.dropped == 0)
                    try await publishing
                    try await client.flush()
                }
            }
        }

        @Test("13.27: several that suspend, with readers who come and go, let the connection go on")
        func severalSuspend() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { publisher in
                try await withClient { client in
                    let handled = Record<Int>()
                    try await withThrowingTaskGroup { group in
                        for limit in [1, 3, 20] {
                            let slow = try client.subscribe(to: subject, options: options(.suspend, messages: limit))
                            group.addTask {
                                var left = 2_000
                                while left > 0 {
                                    for await message in slow {
                                        handled.note(message.number ?? 0)
                                        left -= 1
                                        if left % 7 == 0 || left == 0 { break }
                                    }
                                }
                            }
                        }
                        try await client.flush()
                        try await publisher.publish(1...2_000, to: subject)
                        try await group.waitForAll()
                    }
                    #expect(handled.count == 6_000)
                    try await client.flush()
                }
            }
        }

        @Test("13.27: the end of a subscription that had reading suspended lets it go on", arguments: [true, false])
        func endResumes(byDrain: Bool) async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { publisher in
                try await withClient { client in
                    let slow = try client.subscribe(to: subject, options: options(.suspend))
                    let other = try client.subscribe(to: subject)
                    try await client.flush()
                    try await publisher.publish(1...100, to: subject)
                    try await eventually("it is full") { slow.pending.messages > 10 }
                    if byDrain {
                        slow.drain()
                        // To the end: what the server had sent comes when the connection is read again.
                        for await _ in slow {}
                        try await slow.closed
                    } else {
                        slow.unsubscribe()
                    }
                    try await client.flush()
                    try await publisher.flush()
                    try await client.flush()
                    #expect(other.pending.messages == 100)
                }
            }
        }

        @Test("13.27: reading that is suspended stays so over a reconnect, and goes on afterwards")
        func suspendedOverAReconnect() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url) { publisher in
                    try await withClient(of: server.url) { client in
                        let slow = try client.subscribe(to: "a", options: options(.suspend))
                        try await client.flush()
                        try await publisher.publish(1...100, to: "a")
                        try await eventually("it is full") { slow.pending.messages > 10 }
                        let events = client.events
                        client.reconnect()
                        for await event in events { if case .connected = event { break } }
                        async let flushing: Void = client.flush()
                        for await message in slow where message.number == 100 || slow.pending.messages == 0 { break }
                        try await flushing
                    }
                }
            }
        }

        @Test("13.28: a handler that is stuck does not stop another subscription")
        func stuckHandler() async throws {
            let prefix = NATSTestServer.uniqueName()
            try await withClient { client in
                let gate = Gate()
                let subscription = try client.subscribe(to: "\(prefix).stuck")
                async let stuck: Void = {
                    for await _ in subscription { await gate.pass() }
                }()
                let other = try client.subscribe(to: "\(prefix).other")
                try await client.publish(1...10, to: "\(prefix).stuck")
                try await eventually("it is stuck") { gate.arrivals == 1 }
                try await client.publish(1...10, to: "\(prefix).other")
                var reader = other.makeAsyncIterator()
                for number in 1...10 { #expect(await reader.next()?.number == number) }
                gate.open()
                subscription.drain()
                await stuck
            }
        }

        @Test("13.30: a flush is the answer of the server, also in a handler")
        func flushInAHandler() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let subscription = try client.subscribe(to: subject)
                let other = try client.subscribe(to: "\(subject).other")
                try await client.publish(1...10, to: subject)
                subscription.unsubscribe(after: 10)
                for await message in subscription {
                    try await client.publish("1".utf8, to: "\(subject).other")
                    try await client.flush()
                    #expect(other.pending.messages == message.number)
                }
            }
        }

        @Test("A subscription that is let go is closed, and its messages are not kept")
        func letGo() async throws {
            let server = try await NATSTestServer.shared()
            let (subject, name) = (NATSSubject(NATSTestServer.uniqueName()), NATSTestServer.uniqueName())
            try await withClient(change: { $0.name = name }) { client in
                var subscription: NATSSubscription? = try client.subscribe(to: subject)
                try await client.publish(1...10, to: subject)
                try await client.flush()
                #expect(subscription?.pending.messages == 10)
                subscription = nil
                try await client.publish(1...10, to: subject)
                try await client.flush()
                #expect(try await server.clients().first { $0.name == name }?.subscriptions == 0)
            }
        }
    }
#endif
