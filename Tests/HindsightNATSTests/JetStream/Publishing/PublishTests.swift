#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Synchronization
    import Testing

    @Suite("Publishing to a stream", .timeLimit(.minutes(2)))
    struct PublishTests {
        @Test("44: id, stream, last id, last sequence, last subject sequence: each mismatch is its own error")
        func hasAnErrorForEachExpectation() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                let first = try await jetStream.publish(
                    "1".utf8, to: "\(stream).a", options: PublishOptions(messageID: "1", expectedStream: stream))
                #expect(first.sequence == 1)
                #expect(first.stream == stream)
                #expect(!first.isDuplicate)
                try await jetStream.publish(
                    "2".utf8, to: "\(stream).b", options: .init(messageID: "2", expectedLastMessageID: "1"))
                try await jetStream.publish("3".utf8, to: "\(stream).a", options: .init(expectedLastSubjectSequence: 1))
                try await jetStream.publish("4".utf8, to: "\(stream).c", options: .init(expectedLastSequence: 3))
                try await jetStream.publish(
                    "5".utf8, to: "\(stream).d",
                    options: .init(expectedLastSubjectSequence: 2, expectedSubject: "\(stream).b"))

                func refused(_ options: PublishOptions) async -> JetStreamError? {
                    await failure { try await jetStream.publish("x".utf8, to: "\(stream).a", options: options) }
                }
                #expect(await refused(.init(expectedStream: "OTHER"))?.code == .wrongStream)
                #expect(await refused(.init(expectedLastMessageID: "1"))?.code == .wrongLastMessageID)
                let sequence = await refused(.init(expectedLastSequence: 2))
                #expect(sequence?.code == .wrongLastSequence)
                #expect(sequence?.lastSequence == 5)
                #expect(sequence?.serverCode == 10071)
                #expect(sequence?.isRetriable == false)
                let ofSubject = await refused(.init(expectedLastSubjectSequence: 0))
                #expect(ofSubject?.code == .wrongLastSequence)
                #expect(ofSubject?.lastSequence == 3)
                #expect(try await jetStream.streamInfo(stream).state.lastSequence == 5)
            }
        }

        @Test("44, E1: a message with a known id is stored once")
        func storesAnIDOnce() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                for (id, isKnown) in [("1", false), ("2", false), ("1", true), ("1", true), ("2", true), ("2", true)] {
                    let ack = try await jetStream.publish(id.utf8, to: "\(stream).a", options: .init(messageID: id))
                    #expect(ack.isDuplicate == isKnown)
                    #expect(ack.sequence == UInt64(id))
                }
                #expect(try await jetStream.streamInfo(stream).state.messages == 2)
            }
        }

        @Test func saysWhenNobodyStoresTheSubject() async throws {
            try await withJetStream { jetStream in
                var hasty = jetStream
                hasty.patience = .zero
                let error = await failure { try await hasty.publish("x".utf8, to: "\(NATSTestServer.uniqueName()).x") }
                #expect(error?.code == .unavailable)
                #expect(error?.isRetriable == true)
            }
        }

        @Test func refusesWhatCannotBeSent() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream { $0.maximumMessageSize = 10 }
                let wildcard = await failure { try await jetStream.publish("x".utf8, to: "\(stream).*") }
                #expect(wildcard?.code == .invalidRequest)
                let large = await failure {
                    try await jetStream.publish([UInt8](repeating: 0, count: 2 << 20), to: "\(stream).a")
                }
                #expect(large?.code == .messageTooLarge)
                let larger = await failure { try await jetStream.publish("12345678901".utf8, to: "\(stream).a") }
                #expect(larger?.code == .messageTooLarge)
                #expect(larger?.serverCode == 10054)
            }
        }

        @Test("45, 4.8: while nobody answers for a stream, it is published again")
        func waitsForAnElection() async throws {
            try await withJetStream { jetStream in
                let stream = NATSTestServer.uniqueName("S")
                async let ack = jetStream.publish("1".utf8, to: "\(stream).a")
                try await Task.sleep(for: .milliseconds(200))
                var configuration = StreamConfiguration(name: stream, subjects: ["\(stream).>"])
                configuration.storage = .memory
                _ = try await jetStream.createStream(configuration)
                #expect(try await ack.sequence == 1)
                #expect(try await jetStream.streamInfo(stream).state.messages == 1)
            }
        }
    }

    extension PublishTests {
        /// What came of the messages of a publisher, by their numbers.
        final class Outcomes: Sendable {
            private let outcomes = Mutex<[Int: [JetStreamPublisher.Outcome]]>([:])

            func receive(_ number: Int, _ outcome: JetStreamPublisher.Outcome) {
                outcomes.withLock { $0[number, default: []].append(outcome) }
            }

            var all: [Int: [JetStreamPublisher.Outcome]] { outcomes.withLock { $0 } }
        }

        @Test("45: a full window makes the publisher wait, and every message is accounted for once")
        func accountsForEachMessage() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                let outcomes = Outcomes()
                let counts = try await jetStream.withPublisher(window: 7) { publisher in
                    for number in 1...2000 {
                        #expect(publisher.counts.open <= 7)
                        try await publisher.publish("\(number)".utf8, to: "\(stream).a") {
                            outcomes.receive(number, $0)
                        }
                    }
                    try await publisher.settled()
                    return publisher.counts
                }
                #expect(counts == (2000, 0, 0))
                #expect(outcomes.all.count == 2000)
                for (number, outcome) in outcomes.all {
                    #expect(try outcome.map { try $0.get().sequence } == [UInt64(number)])
                }
            }
        }

        @Test("45: an error that nobody receives is thrown by the next call and at the end")
        func throwsTheFirstError() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                let error = await failure {
                    try await jetStream.withPublisher(window: 4) { publisher in
                        try await publisher.publish(
                            "x".utf8, to: "\(stream).a", options: .init(expectedLastSequence: 9))
                        try await eventually("the error is known") { publisher.counts.failed == 1 }
                        try await publisher.publish("y".utf8, to: "\(stream).a")
                    }
                }
                #expect(error?.code == .wrongLastSequence)
                #expect(try await jetStream.streamInfo(stream).state.messages == 0)
                let atTheEnd = await failure {
                    try await jetStream.withPublisher(window: 4) { publisher in
                        try await publisher.publish(
                            "x".utf8, to: "\(stream).a", options: .init(expectedStream: "OTHER"))
                    }
                }
                #expect(atTheEnd?.code == .wrongStream)
            }
        }

        @Test("45: a chain of expected last sequences stops at the first error")
        func chains() async throws {
            try await withJetStream { jetStream in
                var jetStream = jetStream
                jetStream.patience = .zero
                let stream = try await jetStream.makeStream()
                try await jetStream.withPublisher(window: 100) { publisher in
                    for last in 0..<1000 {
                        try await publisher.publish(
                            "x".utf8, to: "\(stream).a", options: .init(expectedLastSequence: UInt64(last)))
                    }
                }
                #expect(try await jetStream.streamInfo(stream).state.lastSequence == 1000)
            }
        }

        @Test("45: a server that restarts leaves no message unaccounted for", arguments: [true, false])
        func accountsForMessagesOverARestart(killing: Bool) async throws {
            try await withNATSServer(.jetStream) { server in
                try await withJetStream(on: server) { jetStream in
                    let stream = try await jetStream.makeStream { $0.storage = .file }
                    let outcomes = Outcomes()
                    let count = 3000
                    try await jetStream.withPublisher(window: 64) { publisher in
                        for number in 1...count {
                            if number == 1000 { try await server.restart(killing: killing) }
                            try await publisher.publish(
                                "\(number)".utf8, to: "\(stream).a", options: .init(messageID: "\(number)")
                            ) { outcomes.receive(number, $0) }
                        }
                    }
                    let all = outcomes.all
                    #expect(all.count == count)
                    #expect(all.values.allSatisfy { $0.count == 1 })
                    // What was acknowledged is there, under its sequence.
                    var acknowledged = 0
                    for (number, outcome) in all {
                        guard case .success(let ack) = outcome[0] else { continue }
                        acknowledged += 1
                        if number % 100 == 0 {
                            let message = try await jetStream.message(in: stream, .sequence(ack.sequence))
                            #expect(message?.text == "\(number)")
                        }
                    }
                    #expect(acknowledged >= count - 64 - 1000)
                    #expect(try await jetStream.streamInfo(stream).state.messages >= UInt64(acknowledged))
                }
            }
        }
    }
#endif
