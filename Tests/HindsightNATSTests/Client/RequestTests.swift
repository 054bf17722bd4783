#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import NIOCore
    import Testing

    @Suite("Requests: R1 to R5", .timeLimit(.minutes(2)))
    struct RequestTests {
        /// Serves a subject while `body` runs.
        private func serving<Value: Sendable>(
            _ subject: NATSSubject, queue: String? = nil, by client: NATSClient,
            _ answer: @escaping @Sendable (NATSMessage) async throws -> Void, _ body: () async throws -> Value
        ) async throws -> Value {
            let subscription = try client.subscribe(to: subject, queue: queue)
            let serving = Task { for await message in subscription { try await answer(message) } }
            do {
                try await client.flush()
                let value = try await body()
                subscription.drain()
                try await serving.value
                return value
            } catch {
                subscription.unsubscribe()
                _ = await serving.result
                throw error
            }
        }

        @Test("R1: the reply comes to the inbox that the message names, with its headers")
        func replies() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                try await serving(
                    subject, by: client,
                    { try await $0.respond("\($0.text)!".utf8, headers: ["Was": $0.headers["What"] ?? ""]) }
                ) {
                    let answer = try await client.request(
                        "hello".utf8, to: subject, headers: ["What": "a greeting"], within: .seconds(30))
                    #expect(answer.text == "hello!")
                    #expect(answer.headers["Was"] == "a greeting")
                    #expect(answer.status == nil)
                    #expect(answer.subject.rawValue.hasPrefix("_INBOX."))
                }
                try await client.publish("".utf8, to: subject)
            }
        }

        @Test("R5, 13.31, D.27: nobody there is an error at once")
        func noResponders() async throws {
            try await withClient { client in
                for _ in 0..<10 {
                    let code = try await code {
                        _ = try await client.request(
                            "".utf8, to: "\(NATSTestServer.uniqueName())", within: .seconds(100))
                    }
                    #expect(code == .noResponders)
                }
            }
        }

        @Test("R1, 13.31, D.28: nobody answers in time, also if there is no time")
        func timesOut() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let silent = try client.subscribe(to: subject)
                for time in [Duration.milliseconds(100), .zero, .seconds(-1)] {
                    let start = ContinuousClock.now
                    let code = try await code { _ = try await client.request("".utf8, to: subject, within: time) }
                    #expect(code == .timedOut)
                    #expect(start.duration(to: .now) >= time)
                }
                #expect(silent.pending.messages >= 1)
            }
        }

        @Test("13.32: many at once, each its own reply, whatever the order of the answers")
        func simultaneous() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { server in
                let subscription = try server.subscribe(to: subject)
                try await server.flush()
                let serving = Task {
                    var held: [NATSMessage] = []
                    for await message in subscription {
                        held.append(message)
                        guard held.count == 10 else { continue }
                        for message in held.shuffled() { try await message.respond(message.payload.readableBytesView) }
                        held = []
                    }
                }
                try await withClient { client in
                    try await withThrowingTaskGroup { group in
                        for task in 0..<100 {
                            group.addTask {
                                for number in 0..<20 {
                                    let text = "\(task).\(number)"
                                    let answer = try await client.request(text.utf8, to: subject, within: .seconds(60))
                                    #expect(answer.text == text)
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                }
                subscription.drain()
                try await serving.value
            }
        }

        @Test("13.32: closing fails those that are under way")
        func closeFails() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let silent = try client.subscribe(to: subject)
                try await withThrowingTaskGroup(of: NATSError.Code.self) { group in
                    for _ in 0..<10 {
                        group.addTask {
                            try await code { _ = try await client.request("".utf8, to: subject, within: .seconds(600)) }
                        }
                    }
                    try await eventually("they are under way") { silent.pending.messages == 10 }
                    client.close()
                    for try await code in group { #expect(code == .closed) }
                }
            }
        }

        @Test("A request outlives a reconnect: the answer comes through the next connection")
        func overAReconnect() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url) { service in
                    let subscription = try service.subscribe(to: "a")
                    try await service.flush()
                    try await withClient(of: server.url) { client in
                        async let answer = client.request("?".utf8, to: "a", within: .seconds(60))
                        var reader = subscription.makeAsyncIterator()
                        let request = try #require(await reader.next())
                        let events = client.events
                        client.reconnect()
                        for await event in events { if case .connected = event { break } }
                        try await client.flush()
                        try await request.respond("!".utf8)
                        #expect(try await answer.text == "!")
                    }
                }
            }
        }

        @Test(
            "R2, R4, D.29, D.30: three answer or one of a group does; the requester takes the first",
            arguments: [nil, "q"])
        func several(_ queue: String?) async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { server in
                let handled = Record<Int>()
                let answer: @Sendable (NATSMessage) async throws -> Void = { message in
                    handled.note(0)
                    try await message.respond("yes".utf8)
                }
                try await serving(subject, queue: queue, by: server, answer) {
                    try await serving(subject, queue: queue, by: server, answer) {
                        try await serving(subject, queue: queue, by: server, answer) {
                            try await withClient { client in
                                for _ in 0..<3 {
                                    let reply = try await client.request("?".utf8, to: subject, within: .seconds(60))
                                    #expect(reply.text == "yes")
                                }
                                try await eventually("all are handled") { handled.count >= (queue == nil ? 9 : 3) }
                            }
                        }
                    }
                }
                #expect(handled.count == (queue == nil ? 9 : 3))
            }
        }

        /// What a request for several answers gets, where a subject is answered by these texts.
        private func answers(
            _ texts: [String], until limit: NATSReplyLimit, headers: NATSHeaders = [:]
        ) async throws -> [String] {
            let server = try await NATSTestServer.shared()
            let (subject, name) = (NATSSubject(NATSTestServer.uniqueName()), NATSTestServer.uniqueName())
            return try await withClient { service in
                try await serving(
                    subject, by: service,
                    { for text in texts { try await $0.respond(text.utf8, headers: headers) } }
                ) {
                    try await withClient(change: { $0.name = name }) { client in
                        var answers: [String] = []
                        for try await answer in try await client.requestMany("?".utf8, to: subject, until: limit) {
                            answers.append(answer.text)
                        }
                        try await client.flush()
                        // Nobody listens to the inbox any more.
                        #expect(try await server.clients().first { $0.name == name }?.subscriptions == 0)
                        return answers
                    }
                }
            }
        }

        @Test("R3, 13.33, D.31: so many answers, and the inbox is gone")
        func manyByCount() async throws {
            #expect(
                try await answers(["1", "2", "3", "4"], until: .count(3, within: .seconds(100))) == ["1", "2", "3"])
            #expect(try await answers(["1", "2"], until: .count(1, within: .seconds(100))) == ["1"])
        }

        @Test("R3, R5, 13.33: all that come in the time, which says how many got the message")
        func manyByTime() async throws {
            #expect(try await answers(["1", "2"], until: .total(.seconds(3))) == ["1", "2"])
            #expect(try await answers(["1"], until: .count(3, within: .seconds(3))) == ["1"])
            #expect(try await answers([], until: .total(.milliseconds(100))) == [])
            #expect(try await answers([], until: .total(.zero)) == [])
        }

        @Test("R3, 13.33: until none has come for a while, where the first may take as long as all")
        func manyByStall() async throws {
            #expect(
                try await answers(["1", "2"], until: .stall(.milliseconds(300), within: .seconds(100))) == ["1", "2"])
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let gate = Gate()
                try await serving(
                    subject, by: client,
                    {
                        await gate.pass()
                        try await $0.respond("late".utf8)
                    }
                ) {
                    let replies = try await client.requestMany(
                        "?".utf8, to: subject, until: .stall(.milliseconds(1), within: .seconds(100)))
                    async let answers: [String] = {
                        var answers: [String] = []
                        for try await answer in replies { answers.append(answer.text) }
                        return answers
                    }()
                    try await eventually("it is at work") { gate.arrivals == 1 }
                    // Longer than the stall.
                    try await Task.sleep(for: .milliseconds(50))
                    gate.open()
                    #expect(try await answers == ["late"])
                }
            }
        }

        @Test("R3, 13.33: an empty answer ends it, if that is agreed")
        func manyBySentinel() async throws {
            #expect(try await answers(["1", "2", "", "3"], until: .sentinel(within: .seconds(100))) == ["1", "2"])
            #expect(try await answers(["1", "", "3"], until: .count(3, within: .seconds(100))) == ["1", "", "3"])
        }

        @Test("R5, 13.33: nobody there is an error at once, also for many")
        func manyWithoutResponders() async throws {
            try await withClient { client in
                let replies = try await client.requestMany(
                    "?".utf8, to: "\(NATSTestServer.uniqueName())", until: .total(.seconds(100)))
                var reader = replies.makeAsyncIterator()
                #expect(try await code { _ = try await reader.next() } == .noResponders)
            }
        }

        @Test("13.33: a client that closes says that answers are missing")
        func manyClosed() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let silent = try client.subscribe(to: subject)
                let replies = try await client.requestMany("?".utf8, to: subject, until: .total(.seconds(100)))
                try await eventually("it has come") { silent.pending.messages == 1 }
                client.close()
                var reader = replies.makeAsyncIterator()
                #expect(try await code { _ = try await reader.next() } == .closed)
            }
        }
    }
#endif
