#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import NIOCore
    import Testing

    @Suite("Draining a client: D2, D3, D5", .timeLimit(.minutes(2)))
    struct ConnectionDrainTests {
        /// How often a client said that it is closed, and with what.
        private func closings(of client: NATSClient) -> Task<[NATSError.Code?], Never> {
            let events = client.events
            return Task {
                var codes: [NATSError.Code?] = []
                for await event in events {
                    if case .closed(let error) = event { codes.append(error?.code) }
                }
                return codes
            }
        }

        @Test("D1, D2, D.2: it returns at once, ten messages are handled, and it is closed once")
        func handlesEverything() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let closings = closings(of: client)
                let gate = Gate()
                let handled = Record<Int>()
                async let handling: Void = client.handle(subject) { message in
                    await gate.pass()
                    handled.note(message.number ?? 0)
                }
                try await eventually("it listens") {
                    try await client.publish("1".utf8, to: subject)
                    try await client.flush()
                    return gate.arrivals > 0
                }
                try await client.publish(2...10, to: subject)
                try await client.flush()
                client.drain()
                #expect(try await !client.closed(within: .zero))
                gate.open()
                try await handling
                try await client.closed
                #expect(Array(handled.all.suffix(9)) == Array(2...10))
                #expect(await closings.value == [nil])
            }
        }

        @Test(
            "D3, 13.5, D.4: subscriptions first, with their replies; then nothing to publish; then what was published; closed once"
        )
        func order() async throws {
            let prefix = NATSTestServer.uniqueName()
            try await withClient { watcher in
                let replies = try watcher.subscribe(to: "\(prefix).replies")
                let requests = try watcher.subscribe(to: "\(prefix).requests")
                try await watcher.flush()
                try await withClient { client in
                    let closings = closings(of: client)
                    let gate = Gate()
                    async let handling: Void = client.handle("\(prefix).work") { message in
                        await gate.pass()
                        try await message.respond(message.payload.readableBytesView)
                    }
                    // A request that is answered later than everything else.
                    async let answer = client.request("?".utf8, to: "\(prefix).requests", within: .seconds(60))
                    var reader = requests.makeAsyncIterator()
                    let request = try #require(await reader.next())
                    try await eventually("it listens") {
                        try await watcher.publish("1".utf8, to: "\(prefix).work", reply: "\(prefix).replies")
                        try await watcher.flush()
                        return gate.arrivals > 0
                    }
                    client.drain()
                    #expect(try await code { _ = try client.subscribe(to: "\(prefix).late") } == .draining)
                    try await client.publish("while subscriptions drain".utf8, to: "\(prefix).replies")
                    gate.open()
                    try await handling
                    try await eventually("nothing is to be published") {
                        do {
                            try await client.publish("late".utf8, to: "\(prefix).late")
                            return false
                        } catch let error as NATSError {
                            return error.code == .draining
                        }
                    }
                    #expect(try await !client.closed(within: .zero))
                    try await request.respond("!".utf8)
                    #expect(try await answer.text == "!")
                    try await client.closed
                    #expect(await closings.value == [nil])
                    #expect(try await code { try await client.publish("".utf8, to: "a") } == .closed)
                    #expect(try await code { _ = try client.subscribe(to: "a") } == .closed)
                }
                try await watcher.flush()
                var texts: [String] = []
                replies.drain()
                for await reply in replies { texts.append(reply.text) }
                #expect(Set(texts) == ["1", "while subscriptions drain"])
            }
        }

        @Test("D3: what was published before is with the server when it is closed")
        func flushes() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { watcher in
                let subscription = try watcher.subscribe(to: subject)
                try await watcher.flush()
                try await withClient { client in
                    try await client.publish(1...20_000, to: subject)
                    client.drain()
                    try await client.closed
                }
                try await watcher.flush()
                #expect(subscription.pending.messages == 20_000)
            }
        }

        @Test("13.6: subscriptions with a limit drain with what is left of it")
        func limits() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let (many, few) = (try client.subscribe(to: subject), try client.subscribe(to: subject))
                many.unsubscribe(after: 50)
                few.unsubscribe(after: 5)
                try await client.publish(1...10, to: subject)
                try await client.flush()
                client.drain()
                var counts = (0, 0)
                for await _ in many { counts.0 += 1 }
                for await _ in few { counts.1 += 1 }
                #expect(counts == (10, 5))
                try await client.closed
            }
        }

        @Test("D5, 13.7, D.3: the time passes with a handler that never returns: reported, and closed once")
        func timesOut() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let closings = closings(of: client)
                let gate = Gate()
                let subscription = try client.subscribe(to: subject)
                async let handling: Void = {
                    for await _ in subscription { await gate.pass() }
                }()
                try await client.publish(1...2, to: subject)
                try await eventually("it is at work") { gate.arrivals == 1 }
                client.drain(timeout: .milliseconds(50))
                #expect(try await code { try await client.closed } == .drainTimedOut)
                #expect(try await code { try await subscription.closed } == .drainTimedOut)
                #expect(await closings.value == [.drainTimedOut])
                gate.open()
                await handling
                #expect(gate.arrivals == 1)
            }
        }

        @Test("13.8, D.6: without a connection it closes, and says so")
        func withoutConnection() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url) { client in
                    let closings = closings(of: client)
                    let subscription = try client.subscribe(to: "a")
                    let events = client.events
                    await server.kill()
                    for await event in events { if case .disconnected = event { break } }
                    client.drain()
                    #expect(try await code { try await client.closed } == .reconnecting)
                    #expect(await closings.value == [.reconnecting])
                    #expect(try await code { try await subscription.closed } == .reconnecting)
                    #expect(try await code { try await client.publish("".utf8, to: "a") } == .closed)
                }
            }
        }

        @Test(
            "A connection that is lost in the drain: what came is handled, publishing says why, and it closes with the reason"
        )
        func lostInTheDrain() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url) { client in
                    let gate = Gate()
                    let handled = Record<Int>()
                    let refusals = Record<NATSError.Code>()
                    let subscription = try client.subscribe(to: "a")
                    async let handling: Void = {
                        for await message in subscription {
                            await gate.pass()
                            handled.note(message.number ?? 0)
                            do throws(NATSError) {
                                try await client.publish("done".utf8, to: "b")
                            } catch {
                                refusals.note(error.code)
                            }
                        }
                    }()
                    try await client.publish(1...3, to: "a")
                    try await client.flush()
                    try await eventually("it is at work") { gate.arrivals == 1 }
                    let events = client.events
                    client.drain()
                    await server.kill()
                    for await event in events { if case .disconnected = event { break } }
                    #expect(try await !client.closed(within: .zero))
                    gate.open()
                    await handling
                    #expect(try await code { try await client.closed } == .disconnected)
                    #expect(handled.all == [1, 2, 3])
                    #expect(refusals.all == [.disconnected, .disconnected, .disconnected])
                }
            }
        }

        @Test("13.9: closed comes after the last handler has returned", arguments: 1...5)
        func afterTheLastHandler(_ round: Int) async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let busy = Record<Int>()
                let done = Record<Int>()
                let subscriptions = try (0..<4).map { _ in try client.subscribe(to: subject) }
                try await client.publish(1...20, to: subject)
                try await withThrowingTaskGroup { group in
                    for subscription in subscriptions {
                        group.addTask {
                            for await message in subscription {
                                busy.note(message.number ?? 0)
                                for _ in 0..<round { await Task.yield() }
                                done.note(message.number ?? 0)
                            }
                        }
                    }
                    client.drain()
                    try await client.closed
                    #expect(busy.count == done.count)
                    try await group.waitForAll()
                }
            }
        }

        @Test("13.12: a request that a handler makes while the client drains gets its reply")
        func requestInTheDrain() async throws {
            let prefix = NATSTestServer.uniqueName()
            try await withClient { server in
                let service = try server.subscribe(to: "\(prefix).service")
                try await server.flush()
                async let serving: Void = {
                    for await request in service { try? await request.respond("yes".utf8) }
                }()
                try await withClient { client in
                    let gate = Gate()
                    let answers = Record<String>()
                    let subscription = try client.subscribe(to: "\(prefix).work")
                    async let handling: Void = {
                        for await _ in subscription {
                            await gate.pass()
                            let answer = try await client.request(
                                "?".utf8, to: "\(prefix).service", within: .seconds(30))
                            answers.note(answer.text)
                        }
                    }()
                    try await client.publish(1...3, to: "\(prefix).work")
                    try await eventually("it is at work") { gate.arrivals == 1 }
                    client.drain()
                    gate.open()
                    try await handling
                    try await client.closed
                    #expect(answers.all == ["yes", "yes", "yes"])
                }
                service.unsubscribe()
                await serving
            }
        }

        @Test(
            "13.13, D.7: drains and closes of all kinds at once, from inside and outside: closed once",
            arguments: 1...20)
        func closedOnce(_ round: Int) async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let closings = closings(of: client)
                let subscription = try client.subscribe(to: subject)
                try await client.publish(1...20, to: subject)
                await withTaskGroup { group in
                    group.addTask {
                        for await _ in subscription {
                            client.drain()
                            if round % 4 == 0 { client.close() }
                        }
                    }
                    for _ in 0..<4 { group.addTask { client.drain(timeout: .seconds(20)) } }
                    group.addTask { subscription.drain() }
                    if round % 2 == 0 { group.addTask { client.close() } }
                    if round % 3 == 0 { group.addTask { client.reconnect() } }
                }
                do throws(NATSError) {
                    try await client.closed
                } catch {
                    // A drain between two connections.
                    #expect(error.code == .reconnecting || error.code == .disconnected)
                }
                #expect(await closings.value.count == 1)
                client.drain()
                client.close()
            }
        }

        @Test("13.14: a handler that closes its client, and one that watches events and drains it, do not hang")
        func fromInside() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                async let handling: Void = client.handle(subject) { _ in client.close() }
                try await eventually("it is closed") {
                    try? await client.publish("".utf8, to: subject)
                    return try await client.closed(within: .milliseconds(1))
                }
                try await handling
            }
            try await withClient { client in
                var options = NATSSubscriptionOptions()
                options.pendingMessages = 1
                let subscription = try client.subscribe(to: subject, options: options)
                let events = client.events
                async let watching: Void = {
                    for await event in events { if case .slowConsumer = event { client.drain() } }
                }()
                try await client.publish(1...10, to: subject)
                try await client.flush()
                for await _ in subscription {}
                try await client.closed
                await watching
            }
        }

        @Test("What was never run closes too, and running it afterwards is no error")
        func neverRun() async throws {
            for end in [{ (client: NATSClient) in client.drain() }, { client in client.close() }] {
                let client = try NATSClient(NATSConfiguration(), logger: quiet)
                let subscription = try client.subscribe(to: "a")
                end(client)
                try await client.closed
                try await subscription.closed
                try await client.run()
                #expect(try await code { try await client.flush() } == .closed)
            }
        }
    }
#endif
