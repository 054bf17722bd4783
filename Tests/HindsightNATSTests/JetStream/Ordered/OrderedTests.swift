#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Synchronization
    import Testing

    @Suite("Ordered reading", .timeLimit(.minutes(3)))
    struct OrderedTests {
        /// Reads so many messages, and returns their stream sequences.
        private func read(_ count: Int, of messages: OrderedMessages) async throws -> [UInt64] {
            var sequences: [UInt64] = []
            for try await message in messages {
                sequences.append(message.delivery.streamSequence)
                if sequences.count == count { break }
            }
            return sequences
        }

        private func options(_ change: (inout OrderedOptions) -> Void) -> OrderedOptions {
            var options = OrderedOptions()
            change(&options)
            return options
        }

        @Test func readsWhatIsThereAndWhatComes() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.fill(stream, with: 500)
                let messages = try jetStream.ordered(on: stream, options: options { $0.maximumMessages = 64 })
                #expect(try await read(500, of: messages) == Array(1...500))
                async let more = read(3, of: messages)
                try await jetStream.fill(stream, with: 3, from: 501)
                #expect(try await more == [501, 502, 503])
                #expect(messages.healings == 0)
            }
        }

        @Test func saysWhatAMessageIs() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.publish(
                    "1".utf8, to: "\(stream).a", headers: ["Own": "x"], options: .init(messageID: "i"))
                try await jetStream.publish("2".utf8, to: "\(stream).b")
                var iterator = try jetStream.ordered(on: stream).makeAsyncIterator()
                let message = try #require(try await iterator.next())
                #expect(message.text == "1")
                #expect(message.subject.rawValue == "\(stream).a")
                #expect(message.headers["Own"] == "x")
                #expect(message.messageID == "i")
                #expect(message.stream == stream)
                #expect(message.consumer.hasPrefix("ordered_"))
                #expect(message.delivery.pending == 1)
                #expect(message.delivery.consumerSequence == 1)
                #expect(message.delivery.time == (try await jetStream.message(in: stream, .sequence(1)))?.time)
            }
        }

        @Test func startsWhereItIsTold() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.fill(stream, with: 20, subjects: 2)
                func first(_ start: StartPlace, filter: NATSSubject? = nil) async throws -> UInt64? {
                    try await read(1, of: jetStream.ordered(on: stream, from: start, filter: filter)).first
                }
                #expect(try await first(.sequence(7)) == 7)
                #expect(try await first(.last) == 20)
                #expect(try await first(.first, filter: "\(stream).0") == 2)
                #expect(try await first(.sequence(7), filter: "\(stream).0") == 8)
                let time = try #require(try await jetStream.message(in: stream, .sequence(12))?.time)
                #expect(try await first(.time(time)) == 12)
                // Of a name of its own: the consumers of those above are deleted a little later.
                var options = OrderedOptions()
                options.name = "newcomer"
                let new = try jetStream.ordered(on: stream, from: .new, options: options)
                async let next = read(2, of: new)
                try await eventually("the consumer is there") {
                    try await jetStream.consumerNames(on: stream).contains { $0.hasPrefix("newcomer") }
                }
                try await jetStream.fill(stream, with: 2, from: 21)
                #expect(try await next.count == 2)
            }
        }

        @Test("a range ends behind its last message, also if that was deleted or is not selected")
        func readsRanges() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.fill(stream, with: 100, subjects: 2)
                func range(_ first: UInt64, _ last: UInt64, filter: NATSSubject? = nil) async throws -> [UInt64] {
                    let messages = try jetStream.ordered(
                        on: stream, from: .sequence(first), filter: filter, options: OrderedOptions(end: last))
                    var sequences: [UInt64] = []
                    for try await batch in messages.batches { sequences += batch.map(\.delivery.streamSequence) }
                    try await messages.closed
                    return sequences
                }
                #expect(try await range(1, 100) == Array(1...100))
                #expect(try await range(10, 19) == Array(10...19))
                #expect(try await range(10, 10) == [10])
                #expect(try await range(10, 9) == [])
                #expect(try await range(91, 99, filter: "\(stream).0") == [92, 94, 96, 98])
                // The last message is not of the subject, and nothing comes behind it.
                try await jetStream.publish("101".utf8, to: "\(stream).1")
                #expect(try await range(97, 101, filter: "\(stream).0") == [98, 100])
                try await jetStream.deleteMessage(50, of: stream)
                #expect(try await range(48, 50) == [48, 49])
                try await jetStream.deleteMessage(101, of: stream)
                #expect(try await range(99, 101) == [99, 100])
                try await eventually("no consumer is left behind") {
                    try await jetStream.consumerNames(on: stream).isEmpty
                }
            }
        }

        @Test func waitsForTheEndOfARangeThatIsNotStoredYet() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.fill(stream, with: 5)
                let messages = try jetStream.ordered(on: stream, options: OrderedOptions(end: 8))
                async let all = read(.max, of: messages)
                try await jetStream.fill(stream, with: 5, from: 6)
                #expect(try await all == Array(1...8))
            }
        }

        @Test("42: its consumer is deleted again and again: no gap, none twice")
        func healsDeletedConsumers() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.fill(stream, with: 3000)
                let reasons = Mutex<[JetStreamError.Code]>([])
                let messages = try jetStream.ordered(
                    on: stream,
                    options: options {
                        $0.maximumMessages = 100
                        $0.heartbeat = .milliseconds(300)
                        $0.whenHealed = { error in reasons.withLock { $0.append(error.code) } }
                    })
                var sequences: [UInt64] = []
                for try await message in messages {
                    sequences.append(message.delivery.streamSequence)
                    if sequences.count % 400 == 0 {
                        try await jetStream.deleteConsumer(message.consumer, on: stream)
                    }
                    if sequences.count == 3000 { break }
                }
                #expect(sequences == Array(1...3000))
                #expect(messages.healings >= 6)
                #expect(!reasons.withLock { $0 }.isEmpty)
            }
        }

        @Test("42: the server restarts, is killed, is silent: no gap, none twice", arguments: [0, 1, 2])
        func healsRestarts(kind: Int) async throws {
            try await withNATSServer(.jetStream) { server in
                try await withJetStream(on: server) { jetStream in
                    let stream = try await jetStream.makeStream { $0.storage = .file }
                    try await jetStream.fill(stream, with: 2000)
                    let messages = try jetStream.ordered(
                        on: stream,
                        options: options {
                            $0.maximumMessages = 50
                            $0.heartbeat = .milliseconds(400)
                        })
                    var sequences: [UInt64] = []
                    for try await message in messages {
                        sequences.append(message.delivery.streamSequence)
                        if sequences.count % 600 == 0 {
                            switch kind {
                            case 0: try await server.restart(killing: false)
                            case 1: try await server.restart(killing: true)
                            default:
                                try await server.suspend()
                                Task {
                                    try await Task.sleep(for: .milliseconds(1500))
                                    await server.resume()
                                }
                            }
                        }
                        if sequences.count == 2000 { break }
                    }
                    #expect(sequences == Array(1...2000))
                    #expect(messages.healings > 0)
                }
            }
        }

        @Test("42: an error leaves the place, and reading goes on there")
        func goesOnAfterAnError() async throws {
            try await withNATSServer(.jetStream) { server in
                try await withJetStream(on: server) { jetStream in
                    let stream = try await jetStream.makeStream { $0.storage = .file }
                    try await jetStream.fill(stream, with: 10)
                    let messages = try jetStream.ordered(
                        on: stream,
                        options: options {
                            $0.maximumMessages = 2
                            $0.heartbeat = .milliseconds(200)
                            $0.patience = .milliseconds(300)
                        })
                    #expect(try await read(4, of: messages) == [1, 2, 3, 4])
                    await server.kill()
                    let error = await failure { while true { _ = try await read(1, of: messages) } }
                    #expect(error?.isRetriable == true)
                    try await server.start()
                    var rest: [UInt64] = []
                    try await eventually("the rest comes") {
                        do {
                            rest += try await read(1, of: messages)
                        } catch let error as JetStreamError where error.isRetriable {}
                        return rest.last == 10
                    }
                    #expect(rest == Array((11 - UInt64(rest.count))...10))
                    #expect(rest.count <= 6)
                }
            }
        }

        @Test func saysWhenThereIsNoStream() async throws {
            try await withJetStream { jetStream in
                let messages = try jetStream.ordered(on: "NO_SUCH_STREAM")
                #expect(await failure { _ = try await read(1, of: messages) }?.code == .streamNotFound)
            }
        }

        @Test("42: a drain hands over what has come and nothing else, and ends")
        func drains() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.fill(stream, with: 10)
                let messages = try jetStream.ordered(on: stream)
                var sequences: [UInt64] = []
                for try await message in messages {
                    sequences.append(message.delivery.streamSequence)
                    if sequences.count == 3 {
                        messages.drain()
                        messages.drain()
                        // The server knows of the drain before this is stored.
                        try await jetStream.client.flush()
                        try await jetStream.publish("late".utf8, to: "\(stream).0")
                        #expect(try await messages.closed(within: .milliseconds(1)) == false)
                    }
                }
                #expect(sequences == Array(1...10))
                try await messages.closed
            }
        }

        @Test("42: stop ends it at once, from anywhere, also while it begins anew")
        func stops() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.fill(stream, with: 10)
                let messages = try jetStream.ordered(on: stream)
                var count = 0
                for try await _ in messages {
                    count += 1
                    if count == 3 { messages.stop() }
                }
                #expect(count == 3)
                try await messages.closed
                messages.stop()
                messages.drain()

                // One that waits, and one that cannot make its consumer.
                let idle = try jetStream.ordered(on: stream, from: .sequence(11))
                async let none = read(1, of: idle)
                try await eventually("it waits") { try await jetStream.streamInfo(stream).state.consumers > 0 }
                idle.stop()
                #expect(try await none == [])
            }
            try await withNATSServer(.jetStream) { server in
                try await withJetStream(on: server) { jetStream in
                    let stream = try await jetStream.makeStream()
                    try await jetStream.fill(stream, with: 1)
                    let messages = try jetStream.ordered(
                        on: stream, options: options { $0.heartbeat = .milliseconds(100) })
                    #expect(try await read(1, of: messages) == [1])
                    try await server.suspend()
                    async let none = read(1, of: messages)
                    try await eventually("it begins anew") { messages.healings > 0 }
                    messages.stop()
                    try await messages.closed
                    await server.resume()
                    #expect(try await none == [])
                }
            }
        }

        @Test func givesBackWhatALoopLeft() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.fill(stream, with: 9)
                let messages = try jetStream.ordered(on: stream)
                #expect(try await read(2, of: messages) == [1, 2])
                #expect(try await read(3, of: messages) == [3, 4, 5])
                var batches = messages.batches.makeAsyncIterator()
                #expect(try await batches.next()?.map(\.delivery.streamSequence) == [6, 7, 8, 9])
            }
        }
    }
#endif
