#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Restarts of a reader, and of its server", .timeLimit(.minutes(5)))
    struct RestartTests {
        /// Reads with a place of one's own, in as many sittings as it takes. Each ends in its own way, and some with the server.
        @Test(
            "S4, 9, 10, 15: a place of one's own, stops and drains at any message, and a server that is killed: 1 to N once, in order"
        )
        func keepsAPlaceOfItsOwn() async throws {
            try await withNATSServer(.jetStream) { server in
                try await withJetStream(on: server) { jetStream in
                    let stream = try await jetStream.makeStream { $0.storage = .file }
                    try await jetStream.fill(stream, with: 1000)
                    var handled: [UInt64] = []
                    var sittings = 0
                    while handled.count < 1000 {
                        sittings += 1
                        var options = OrderedOptions()
                        options.maximumMessages = Int.random(in: 1...200)
                        options.heartbeat = .milliseconds(500)
                        let messages = try jetStream.ordered(
                            on: stream, from: .sequence((handled.last ?? 0) + 1), options: options)
                        let target = min(1000, handled.count + Int.random(in: 1...50))
                        for try await message in messages {
                            handled.append(message.delivery.streamSequence)
                            guard handled.count >= target else { continue }
                            if sittings % 10 == 0 { try await server.restart(killing: true) }
                            // What was read ahead is thrown away, and read again.
                            messages.stop()
                        }
                        try await messages.closed
                    }
                    // The server may have been killed last of all, and without a connection nothing can be drained.
                    try await eventually("there is a connection again") { (try? await jetStream.client.flush()) != nil }
                    #expect(handled == Array(1...1000))
                    #expect(sittings >= 20)
                }
            }
        }

        @Test(
            "S1, S4, P5, 11, 13: durable with one in flight: a handler that fails is given the message again, nothing behind it before"
        )
        func keepsTheOrderWithOneInFlight() async throws {
            try await withJetStream { jetStream in
                struct Broken: Error {}
                let stream = try await jetStream.makeStream()
                try await jetStream.fill(stream, with: 200)
                let consumer = try await jetStream.consumer(durable { $0.maximumUnacknowledged = 1 }, on: stream)
                var handled: [String] = []
                var attempts: [String] = []
                while handled.count < 200 {
                    var options = ConsumeOptions()
                    options.acknowledging = .confirmed(within: .seconds(10))
                    let messages = try consumer.messages(options)
                    let target = min(200, handled.count + Int.random(in: 1...30))
                    try await messages.handle { message in
                        attempts.append(message.text)
                        if message.text.hasSuffix("7"), message.delivery.deliveries < 4 { throw Broken() }
                        handled.append(message.text)
                        if handled.count == target { messages.drain() }
                    }
                    try await messages.closed
                }
                #expect(handled == (1...200).map { "\($0)" })
                // 7, 7, 7, 7, 8: never 8 before 7 is handled.
                #expect(attempts == (1...200).flatMap { Array(repeating: "\($0)", count: $0 % 10 == 7 ? 4 : 1) })
            }
        }

        @Test(
            "D6, 5: a member is drained while the other goes on: every message is handled once, none waits for its time"
        )
        func handsOverToAnother() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                let consumer = try await jetStream.consumer(durable { _ in }, on: stream)
                let handled = Record<String>()
                var options = ConsumeOptions()
                options.maximumMessages = 20
                let old = try consumer.messages(options)
                async let first: Void = old.handle {
                    handled.note($0.text)
                    await Task.yield()
                }
                async let publishing: Void = jetStream.fill(stream, with: 500)
                try await eventually("the old one works") { handled.count > 20 }
                let new = try consumer.messages(options)
                async let second: Void = new.handle { handled.note($0.text) }
                old.drain()
                try await old.closed
                try await publishing
                try await eventually("all are handled", within: .seconds(20)) { handled.count >= 500 }
                new.drain()
                _ = try await (first, second)
                #expect(handled.all.sorted() == (1...500).map { "\($0)" }.sorted())
            }
        }
    }
#endif
