#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import ServiceLifecycle
    import ServiceLifecycleTestKit
    import Synchronization
    import Testing

    @Suite("Consuming", .timeLimit(.minutes(3)))
    struct ConsumeTests {
        private struct Broken: Error {}

        private func withConsumer(
            filledWith count: Int, on server: NATSTestServer? = nil,
            as configuration: ConsumerConfiguration = .durable("c"),
            _ body: (JetStream, String, Consumer) async throws -> Void
        ) async throws {
            try await withJetStream(on: server) { jetStream in
                let stream = try await jetStream.makeStream { $0.storage = server == nil ? .memory : .file }
                try await jetStream.fill(stream, with: count)
                try await body(jetStream, stream, try await jetStream.consumer(configuration, on: stream))
            }
        }

        private func options(_ change: (inout ConsumeOptions) -> Void) -> ConsumeOptions {
            var options = ConsumeOptions()
            change(&options)
            return options
        }

        private func texts(_ range: ClosedRange<Int>) -> [String] { range.map { "\($0)" } }

        @Test(
            "37: batch size 1, bytes of one's own, many messages, a byte limit that fits one message",
            arguments: [(1, nil), (500, nil), (50, 2000), (500, 120), (3, 10_000)] as [(Int, Int?)])
        func readsAll(messages count: Int, bytes: Int?) async throws {
            try await withConsumer(filledWith: 300) { _, _, consumer in
                let messages = try consumer.messages(
                    options {
                        $0.maximumMessages = count
                        $0.maximumBytes = bytes
                    })
                var all: [String] = []
                for try await message in messages {
                    all.append(message.text)
                    try await message.ack()
                    if all.count == 300 { break }
                }
                #expect(all == texts(1...300))
                #expect(messages.healings == 0)
                try await eventually("all are acknowledged") {
                    try await consumer.info().acknowledged.streamSequence == 300
                }
            }
        }

        @Test("S5: a handler that returns acknowledges, one that throws gives back, one after the other")
        func handlesOneAfterTheOther() async throws {
            try await withConsumer(filledWith: 5, as: durable { $0.maximumUnacknowledged = 1 }) { _, _, consumer in
                let handled = Record<String>()
                let busy = Atomic<Int>(0)
                let messages = try consumer.messages(options { $0.delayAfterFailure = .milliseconds(20) })
                try await messages.handle { message in
                    #expect(busy.add(1, ordering: .relaxed).newValue == 1)
                    defer { busy.subtract(1, ordering: .relaxed) }
                    await Task.yield()
                    if message.text == "3", message.delivery.deliveries < 4 { throw Broken() }
                    handled.note(message.text)
                    if message.text == "5" { messages.drain() }
                }
                #expect(handled.all == texts(1...5))
                try await messages.closed
                try await eventually("all are acknowledged") {
                    try await consumer.info().acknowledged.streamSequence == 5
                }
                #expect(try await consumer.info().delivered.consumerSequence == 8)
            }
        }

        @Test("E2: a handler's message is acknowledged until that is confirmed")
        func confirms() async throws {
            try await withConsumer(filledWith: 5) { _, _, consumer in
                let messages = try consumer.messages(options { $0.acknowledging = .confirmed(within: .seconds(10)) })
                try await messages.handle { if $0.text == "5" { messages.drain() } }
                #expect(try await consumer.info().acknowledged.streamSequence == 5)
            }
        }

        @Test("E3: 1, 2, 1, 1, 2, 2 are stored as two, handled once each, and nothing is left")
        func processesExactlyOnce() async throws {
            try await withConsumer(filledWith: 0) { jetStream, stream, consumer in
                for id in ["1", "2", "1", "1", "2", "2"] {
                    try await jetStream.publish(id.utf8, to: "\(stream).a", options: .init(messageID: id))
                }
                let handled = Record<String>()
                for message in try await consumer.fetch(.messages(10), within: .milliseconds(300)).all() {
                    handled.note(message.text)
                    try await message.ack(confirmedWithin: .seconds(5))
                }
                #expect(handled.all == ["1", "2"])
                #expect(try await consumer.fetch(.messages(10), within: .milliseconds(300)).all().isEmpty)
            }
        }

        @Test("37: two readers of one consumer share its messages")
        func shares() async throws {
            try await withConsumer(filledWith: 200) { _, _, consumer in
                let handled = Record<String>()
                let one = try consumer.messages(options { $0.maximumMessages = 10 })
                let two = try consumer.messages(options { $0.maximumMessages = 10 })
                async let first: Void = one.handle { handled.note($0.text) }
                async let second: Void = two.handle { handled.note($0.text) }
                try await eventually("all are handled") { handled.all.count >= 200 }
                one.drain()
                two.drain()
                _ = try await (first, second)
                #expect(handled.all.sorted() == texts(1...200).sorted())
            }
        }

        @Test("37: stop: nothing more; closed after it, and when it was closed already")
        func stops() async throws {
            try await withConsumer(filledWith: 10) { _, _, consumer in
                let handled = Record<String>()
                let messages = try consumer.messages()
                try await messages.handle { message in
                    handled.note(message.text)
                    if message.text == "3" { messages.stop() }
                }
                #expect(handled.all == texts(1...3))
                try await messages.closed
                messages.stop()
                messages.drain()
                #expect(try await messages.closed(within: .milliseconds(1)))
                for try await _ in messages { Issue.record("a message after the end") }
            }
        }

        @Test(
            "S1, S2, S3, 37, 8: a drain returns at once, handles what has come and nothing else, and leaves the rest to others"
        )
        func drains() async throws {
            try await withConsumer(filledWith: 10) { jetStream, stream, consumer in
                let handled = Record<String>()
                let messages = try consumer.messages(options { $0.maximumMessages = 100 })
                try await messages.handle { message in
                    handled.note(message.text)
                    guard message.text == "2" else { return }
                    let start = ContinuousClock.now
                    messages.drain()
                    #expect(ContinuousClock.now - start < .seconds(1))
                    // The server has heard of the drain when it answers this.
                    try await jetStream.client.flush()
                    try await jetStream.fill(stream, with: 5, from: 11)
                    #expect(try await messages.closed(within: .milliseconds(1)) == false)
                }
                #expect(handled.all == texts(1...10))
                try await messages.closed
                // Nobody has to wait for the ack wait of 30 seconds.
                #expect(
                    try await consumer.fetch(.messages(5), within: .seconds(10)).all().map(\.text) == texts(11...15))
            }
        }

        @Test("38, D5: stop and drain at once, from many sides: one end", arguments: 0..<10)
        func stopsAndDrainsAtOnce(run: Int) async throws {
            try await withConsumer(filledWith: 20) { _, _, consumer in
                let messages = try consumer.messages()
                async let handling: Void = messages.handle { _ in await Task.yield() }
                await withTaskGroup { group in
                    for number in 0..<8 {
                        group.addTask { number % 2 == 0 ? messages.stop() : messages.drain() }
                    }
                }
                try await messages.closed
                try await handling
            }
        }

        @Test("39, S4: read, drain, read again, many times: each message once and in order")
        func survivesGracefulRestarts() async throws {
            try await withConsumer(filledWith: 1000) { _, _, consumer in
                let handled = Record<String>()
                var rounds = 0
                while handled.all.count < 1000 {
                    rounds += 1
                    let target = min(1000, handled.all.count + Int.random(in: 1...40))
                    let messages = try consumer.messages(options { $0.maximumMessages = Int.random(in: 1...20) })
                    if rounds % 2 == 0 {
                        for try await message in messages {
                            handled.note(message.text)
                            try await message.ack(confirmedWithin: .seconds(10))
                            if handled.all.count == target { messages.drain() }
                        }
                    } else {
                        try await messages.handle { message in
                            handled.note(message.text)
                            if handled.all.count == target { messages.drain() }
                        }
                    }
                    try await messages.closed
                }
                #expect(handled.all == texts(1...1000))
                #expect(rounds > 10)
            }
        }

        @Test("39, 13: read, stop, read again with one message in flight: none missing, in order")
        func survivesStops() async throws {
            try await withConsumer(
                filledWith: 100,
                as: durable {
                    $0.maximumUnacknowledged = 1
                    $0.acknowledgementWait = .milliseconds(300)
                }
            ) { _, _, consumer in
                var last = 0
                while last < 100 {
                    let messages = try consumer.messages(options { $0.maximumMessages = 1 })
                    let target = min(100, last + Int.random(in: 1...20))
                    for try await message in messages {
                        let number = Int(message.text) ?? 0
                        // One that was handled before its ack was lost may come again; none is left out.
                        #expect(number == last || number == last + 1)
                        last = number
                        try await message.ack(confirmedWithin: .seconds(10))
                        if last >= target { messages.stop() }
                    }
                }
                #expect(last == 100)
            }
        }

        @Test("40, S1: a restart of the server is survived", arguments: [true, false])
        func survivesRestarts(killing: Bool) async throws {
            try await withNATSServer(.jetStream) { server in
                try await withConsumer(
                    filledWith: 300, on: server, as: durable { $0.acknowledgementWait = .seconds(1) }
                ) {
                    jetStream, _, consumer in
                    let handled = Record<String>()
                    let messages = try consumer.messages(
                        options {
                            $0.maximumMessages = 20
                            $0.heartbeat = .milliseconds(500)
                        })
                    try await messages.handle { message in
                        handled.note(message.text)
                        if handled.all.count == 100 { try await server.restart(killing: killing) }
                        if Set(handled.all).count == 300 { messages.drain() }
                    }
                    #expect(Set(handled.all).count == 300)
                    #expect(messages.healings > 0)
                }
            }
        }

        @Test("40: the consumer, or its stream, is deleted: it ends with an error", arguments: [true, false])
        func endsWithItsConsumer(withStream: Bool) async throws {
            try await withConsumer(filledWith: 3) { jetStream, stream, consumer in
                let messages = try consumer.messages(options { $0.heartbeat = .milliseconds(300) })
                let error = await failure {
                    for try await message in messages {
                        try await message.ack()
                        guard message.text == "3" else { continue }
                        if withStream {
                            try await jetStream.deleteStream(stream)
                        } else {
                            try await jetStream.deleteConsumer("c", on: stream)
                        }
                    }
                }
                #expect(error?.code == .consumerDeleted)
                #expect(await failure { try await messages.closed }?.code == .consumerDeleted)
                let other = try consumer.messages()
                #expect(await failure { for try await _ in other {} }?.code == .consumerDeleted)
            }
        }

        @Test("40: two missed heartbeats are reported, and reading goes on")
        func healsSilence() async throws {
            try await withNATSServer(.jetStream) { server in
                try await withConsumer(filledWith: 1, on: server) { jetStream, stream, consumer in
                    let troubles = Mutex<[JetStreamError.Code]>([])
                    let handled = Record<String>()
                    let messages = try consumer.messages(
                        options {
                            $0.heartbeat = .milliseconds(200)
                            $0.whenTroubled = { error in troubles.withLock { $0.append(error.code) } }
                        })
                    async let handling: Void = messages.handle { handled.note($0.text) }
                    try await eventually("it reads") { handled.all.count == 1 }
                    try await server.suspend()
                    try await eventually("the silence is noticed") {
                        troubles.withLock { $0.contains(.heartbeatsMissed) }
                    }
                    await server.resume()
                    try await jetStream.publish("2".utf8, to: "\(stream).0")
                    try await eventually("it goes on") { handled.all.count >= 2 }
                    messages.drain()
                    try await handling
                    #expect(handled.all == ["1", "2"])
                }
            }
        }

        @Test("S2, 4.1: a graceful shutdown handles what has come and ends; cancelling ends")
        func endsWithItsService() async throws {
            try await withConsumer(filledWith: 50) { _, _, consumer in
                let handled = Record<String>()
                try await testGracefulShutdown { trigger in
                    try await consumer.consume(options { $0.maximumMessages = 10 }) { message in
                        handled.note(message.text)
                        if message.text == "7" { trigger.triggerGracefulShutdown() }
                    }
                }
                #expect((7...50).contains(handled.all.count))
                #expect(try await consumer.info().unacknowledged == 0)
                let started = handled.all.count
                let task = Task { try await consumer.consume { handled.note($0.text) } }
                try await eventually("it has handled the rest") { handled.all.count == 50 }
                task.cancel()
                try await task.value
                #expect(handled.all == texts(1...50), "the second one began at \(started)")
            }
        }
    }
#endif
