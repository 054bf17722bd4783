#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Fetching", .timeLimit(.minutes(2)))
    struct FetchTests {
        private func withConsumer(
            filledWith count: Int, as configuration: ConsumerConfiguration = .durable("c"),
            _ body: (JetStream, String, Consumer) async throws -> Void
        ) async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.fill(stream, with: count)
                try await body(jetStream, stream, try await jetStream.consumer(configuration, on: stream))
            }
        }

        @Test("36: none there and no wait: empty; some there: those")
        func fetchesWhatIsThere() async throws {
            try await withConsumer(filledWith: 3) { _, _, consumer in
                let some = try await consumer.fetch(.now(10)).all()
                #expect(some.map(\.text) == ["1", "2", "3"])
                #expect(some.map(\.delivery.deliveries) == [1, 1, 1])
                for message in some { try await message.ack(confirmedWithin: .seconds(5)) }
                #expect(try await consumer.fetch(.now(10)).all().isEmpty)
            }
        }

        @Test("36: so many messages, without waiting for the time to be over")
        func fetchesAsManyAsAskedFor() async throws {
            try await withConsumer(filledWith: 10) { _, _, consumer in
                let four = try await consumer.fetch(.messages(4), within: .seconds(60)).all()
                #expect(four.count == 4)
                #expect(try await consumer.next()?.text == "5")
            }
        }

        @Test("36: when the time is over, what came", arguments: [Duration.milliseconds(300), .seconds(3)])
        func fetchesUntilTheTimeIsOver(duration: Duration) async throws {
            try await withConsumer(filledWith: 2) { jetStream, stream, consumer in
                let start = ContinuousClock.now
                let fetched = try await consumer.fetch(.messages(10), within: duration)
                try await jetStream.publish("3".utf8, to: "\(stream).0")
                #expect(try await fetched.all().map(\.text) == ["1", "2", "3"])
                // The server says so; the client alone would take it for an error, some seconds later.
                #expect(ContinuousClock.now - start >= duration)
            }
        }

        @Test("36: by bytes: one that does not fit stays")
        func fetchesByBytes() async throws {
            try await withConsumer(filledWith: 0) { jetStream, stream, consumer in
                for letter in ["a", "b", "c"] {
                    try await jetStream.publish(
                        Array(repeating: UInt8(ascii: "x"), count: 400), to: "\(stream).\(letter)")
                }
                let some = try await consumer.fetch(.bytes(1200), within: .seconds(60)).all()
                #expect(some.count == 2)
                #expect(try await consumer.fetch(.now(10)).all().map(\.subject.rawValue) == ["\(stream).c"])
                try await jetStream.publish(Array(repeating: UInt8(ascii: "x"), count: 400), to: "\(stream).d")
                #expect(try await consumer.fetch(.bytes(10), within: .seconds(60)).all().isEmpty)
            }
        }

        @Test("36: the consumer is deleted meanwhile, or was before: an error")
        func saysWhenTheConsumerIsGone() async throws {
            try await withConsumer(filledWith: 1) { jetStream, stream, consumer in
                let fetched = try await consumer.fetch(.messages(5), within: .seconds(60))
                var iterator = fetched.makeAsyncIterator()
                #expect(try await iterator.next() != nil)
                try await jetStream.deleteConsumer("c", on: stream)
                #expect(await failure { _ = try await iterator.next() }?.code == .consumerDeleted)
                #expect(try await iterator.next() == nil)
                #expect(await failure { _ = try await consumer.next() }?.code == .consumerNotFound)
            }
        }

        @Test("36: after a drain of the client a fetch returns what has come, and the next one errs")
        func drains() async throws {
            let server = try await NATSTestServer.shared()
            var configuration = NATSConfiguration()
            configuration.servers = [server.url]
            let client = try NATSClient(configuration, logger: quiet)
            async let running: Void = client.run()
            let jetStream = JetStream(client)
            let stream = try await jetStream.makeStream()
            try await jetStream.fill(stream, with: 5)
            let consumer = try await jetStream.consumer(.durable("c"), on: stream)
            let fetched = try await consumer.fetch(.messages(10), within: .seconds(60))
            var iterator = fetched.makeAsyncIterator()
            #expect(try await iterator.next()?.text == "1")
            client.drain()
            var rest: [String] = []
            while let message = try await iterator.next() { rest.append(message.text) }
            #expect(rest == ["2", "3", "4", "5"])
            let error = await failure { _ = try await consumer.fetch(.messages(1)) }
            #expect(error?.code == .draining || error?.code == .closed)
            try await running
        }
    }
#endif
