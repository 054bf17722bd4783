#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import NIOCore
    import Testing

    @Suite("Acknowledging", .timeLimit(.minutes(2)))
    struct AcknowledgingTests {
        private func withMessage(
            waiting acknowledgementWait: Duration = .seconds(30),
            _ body: (JetStreamMessage, Consumer, JetStream) async throws -> Void
        ) async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.fill(stream, with: 1)
                var configuration = ConsumerConfiguration.durable("c")
                configuration.acknowledgementWait = acknowledgementWait
                let consumer = try await jetStream.consumer(configuration, on: stream)
                try await body(try #require(try await consumer.next()), consumer, jetStream)
            }
        }

        @Test("43: ack")
        func acknowledges() async throws {
            try await withMessage { message, consumer, _ in
                #expect(try await consumer.info().unacknowledged == 1)
                try await message.ack()
                try await eventually("it is acknowledged") { try await consumer.info().unacknowledged == 0 }
            }
        }

        @Test("43, E2, 12: a confirmed ack, and a redundant one, return")
        func confirms() async throws {
            try await withMessage { message, consumer, _ in
                try await message.ack(confirmedWithin: .seconds(5))
                #expect(try await consumer.info().unacknowledged == 0)
                #expect(try await consumer.info().acknowledged.streamSequence == 1)
                try await message.ack(confirmedWithin: .seconds(5))
                try await message.ack()
                #expect(try await consumer.fetch(.now(1)).all().isEmpty)
            }
        }

        @Test("E2, 12: a confirmed ack is repeated until the server is there again")
        func repeatsUntilConfirmed() async throws {
            try await withNATSServer(.jetStream) { server in
                try await withJetStream(on: server) { jetStream in
                    let stream = try await jetStream.makeStream { $0.storage = .file }
                    try await jetStream.fill(stream, with: 1)
                    let consumer = try await jetStream.consumer(.durable("c"), on: stream)
                    let message = try #require(try await consumer.next())
                    await server.kill()
                    async let ack: Void = message.ack(confirmedWithin: .seconds(30))
                    try await Task.sleep(for: .milliseconds(200))
                    try await server.start()
                    try await ack
                    #expect(try await consumer.info().acknowledged.streamSequence == 1)
                }
            }
        }

        @Test("E2: an ack that nobody confirms is an error in time")
        func saysWhenNobodyConfirms() async throws {
            try await withMessage { message, consumer, jetStream in
                try await jetStream.deleteConsumer("c", on: consumer.stream)
                let start = ContinuousClock.now
                let error = await failure { try await message.ack(confirmedWithin: .milliseconds(300)) }
                #expect(error?.code == .unavailable || error?.code == .timedOut)
                #expect(ContinuousClock.now - start < .seconds(20))
            }
        }

        @Test("43: nak delivers again, at once or later", arguments: [Duration?.none, .milliseconds(400)])
        func givesBack(delay: Duration?) async throws {
            try await withMessage { message, consumer, _ in
                let start = ContinuousClock.now
                try await message.nak(after: delay)
                let again = try #require(try await consumer.next(within: .seconds(10)))
                #expect(again.delivery.deliveries == 2)
                #expect(again.delivery.streamSequence == 1)
                if let delay { #expect(ContinuousClock.now - start >= delay) }
            }
        }

        @Test("43: in progress puts off the next delivery")
        func isInProgress() async throws {
            try await withMessage(waiting: .seconds(6)) { message, consumer, _ in
                // Eight seconds in all, more than the server waits.
                for _ in 0..<4 {
                    try await message.inProgress()
                    #expect(try await consumer.fetch(.messages(1), within: .seconds(2)).all().isEmpty)
                }
                let again = try await consumer.next(within: .seconds(30))
                #expect(again?.delivery.deliveries == 2)
            }
        }

        @Test("43: terminated with a reason, it does not come again")
        func terminates() async throws {
            try await withMessage(waiting: .seconds(2)) { message, consumer, jetStream in
                let advisories = try jetStream.client.subscribe(
                    to: "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.\(consumer.stream).c")
                try await jetStream.client.flush()
                try await message.terminate(reason: "not a number")
                #expect(try await consumer.fetch(.messages(1), within: .seconds(3)).all().isEmpty)
                var iterator = advisories.makeAsyncIterator()
                let advisory = await iterator.next()
                #expect(advisory.map { String(buffer: $0.payload) }?.contains("not a number") == true)
            }
        }
    }
#endif
