#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Reading messages of a stream", .timeLimit(.minutes(2)))
    struct ReadingTests {
        @Test(arguments: [ReadPlace.leader, .anyReplica])
        func findsOneMessage(from server: ReadPlace) async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                for number in 1...6 {
                    try await jetStream.publish(
                        "\(number)".utf8, to: "\(stream).\(number % 2)",
                        headers: number == 3 ? ["Nats-Sequence": "99", "Own": "ä: x"] : [:],
                        options: .init(messageID: number == 3 ? "three" : nil))
                }
                func text(_ place: MessagePlace) async throws -> String? {
                    try await jetStream.message(in: stream, place, from: server)?.text
                }
                #expect(try await text(.sequence(2)) == "2")
                #expect(try await text(.sequence(7)) == nil)
                #expect(try await text(.last("\(stream).1")) == "5")
                #expect(try await text(.last("\(stream).7")) == nil)
                #expect(try await text(.next("\(stream).0", from: 3)) == "4")
                #expect(try await text(.next("\(stream).>", from: 7)) == nil)
                let three = try #require(try await jetStream.message(in: stream, .sequence(3), from: server))
                #expect(three.sequence == 3)
                #expect(three.subject.rawValue == "\(stream).1")
                #expect(three.headers["Own"] == "ä: x")
                #expect(three.messageID == "three")
                #expect(three.headers["Nats-Subject"] == nil)
                #expect(try await text(.time(three.time)) == "3")
                try await jetStream.publish([], to: "\(stream).empty")
                let empty = try #require(try await jetStream.message(in: stream, .sequence(7), from: server))
                #expect(empty.text == "")
                #expect(empty.headers.isEmpty)
            }
        }

        @Test func readsMessagesOfASubjectAtOnce() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.fill(stream, with: 100, subjects: 4)
                let some = try await jetStream.messages(
                    in: stream, .from(10, of: "\(stream).1").limited(toMessages: 5))
                #expect(some.messages.map(\.text) == ["13", "17", "21", "25", "29"])
                #expect(some.messages.map(\.sequence) == [13, 17, 21, 25, 29])
                #expect(some.pending == 17)
                let small = try await jetStream.messages(
                    in: stream, .from(1).limited(toMessages: 100, bytes: 500))
                #expect((1..<50).contains(small.messages.count))
                #expect(small.pending == UInt64(100 - small.messages.count))
                let none = try await jetStream.messages(in: stream, .from(101))
                #expect(none.messages.isEmpty && none.pending == 0)
                let last = try await jetStream.messages(in: stream, .last(of: ["\(stream).*"], upTo: 50))
                #expect(last.messages.map(\.text) == ["47", "48", "49", "50"])
                #expect(last.upTo == 50)
                let time = try #require(last.messages.first?.time)
                let since = try await jetStream.messages(
                    in: stream, .since(time, of: "\(stream).3").limited(toMessages: 2))
                #expect(since.messages.map(\.text) == ["47", "51"])
            }
        }

        @Test func saysWhenAStreamAllowsNoDirectReads() async throws {
            try await withJetStream { jetStream in
                var hasty = jetStream
                hasty.patience = .zero
                let stream = try await jetStream.makeStream { $0.allowsDirectReads = false }
                let one = await failure { _ = try await hasty.message(in: stream, .sequence(1), from: .anyReplica) }
                #expect(one?.code == .unavailable)
                let many = await failure { _ = try await hasty.messages(in: stream, .from(1)) }
                #expect(many?.code == .unavailable)
                let gone = await failure { _ = try await hasty.message(in: "NO_SUCH_STREAM", .sequence(1)) }
                #expect(gone?.code == .streamNotFound)
            }
        }

        @Test(arguments: [
            ("2026-11-27T00:09:54.178052252Z", 1_795_738_194_178_052_252), ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59.999999999Z", -1), ("2024-02-29T12:00:00.5+02:00", 1_709_200_800_500_000_000),
            ("2262-04-11T23:47:16.854775807Z", Int64.max),
        ])
        func timesAreExact(text: String, nanoseconds: Int64) {
            let time = JetStreamTime(text)
            #expect(time?.nanoseconds == nanoseconds)
            #expect(JetStreamTime("\(JetStreamTime(nanoseconds: nanoseconds))")?.nanoseconds == nanoseconds)
        }

        @Test(arguments: [
            "0001-01-01T00:00:00Z", "2262-04-11T23:47:16.854775808Z", "", "2026-11-27", "2026-11-27T00:09:54",
            "2026-11-27T00:09:54.Z", "2026-13-27T00:09:54Z", "2026-11-27T00:09:54Zx", "2026-11-27 00:09:54Z",
        ])
        func otherTextsAreNoTimes(text: String) {
            #expect(JetStreamTime(text) == nil)
        }
    }
#endif
