#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Draining a subscription: D1, D2, D4, D6", .timeLimit(.minutes(2)))
    struct SubscriptionDrainTests {
        @Test("D1, 13.1: all that waits is handled, then the subscription is gone")
        func handlesWhatWaits() async throws {
            let server = try await NATSTestServer.shared()
            let (subject, name) = (NATSSubject(NATSTestServer.uniqueName()), NATSTestServer.uniqueName())
            try await withClient(change: { $0.name = name }) { client in
                let subscription = try client.subscribe(to: subject)
                try await client.publish(1...100, to: subject)
                try await client.flush()
                #expect(subscription.pending.messages == 100)
                subscription.drain()
                try await client.publish(101...101, to: subject)
                var handled: [Int?] = []
                for await message in subscription {
                    await Task.yield()
                    #expect(try await !subscription.closed(within: .zero))
                    handled.append(message.number)
                }
                #expect(handled == Array(1...100))
                try await subscription.closed
                try await client.flush()
                #expect(try await server.clients().first { $0.name == name }?.subscriptions == 0)
            }
        }

        @Test("D4, D.1: what is published after the drain began is not received; closed comes after the last message")
        func nothingAfterwards() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let handled = Record<Int>()
                let gate = Gate()
                let subscription = try client.subscribe(to: subject)
                async let handling: Void = {
                    for await message in subscription {
                        await gate.pass()
                        handled.note(message.number ?? 0)
                    }
                }()
                try await client.publish(1...2, to: subject)
                try await client.flush()
                subscription.drain()
                subscription.drain()
                try await client.publish(3...3, to: subject)
                try await client.flush()
                #expect(try await !subscription.closed(within: .zero))
                gate.open()
                try await subscription.closed
                #expect(handled.all == [1, 2])
                await handling
            }
        }

        @Test("D6, 13.2, D.5: members of a queue group come and drain under load, and each message is handled once")
        func queueMembers() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            let handled = Record<Int>()
            @Sendable func serve(_ client: NATSClient, _ subscription: NATSSubscription) async {
                for await message in subscription { handled.note(message.number ?? 0) }
            }
            try await withClient { publisher in
                try await withClient { first in
                    try await withClient { second in
                        var members = [try first.subscribe(to: subject, queue: "q")]
                        try await first.flush()
                        try await withThrowingTaskGroup { group in
                            group.addTask { [member = members[0]] in await serve(first, member) }
                            group.addTask {
                                for number in 1...5_000 {
                                    try await publisher.publish("\(number)".utf8, to: subject)
                                    if number % 50 == 0 { try await publisher.flush() }
                                }
                            }
                            for turn in 1...8 {
                                // The new member is there before the old one goes.
                                let client = turn % 2 == 0 ? first : second
                                let member = try client.subscribe(to: subject, queue: "q")
                                try await client.flush()
                                group.addTask { await serve(client, member) }
                                try await eventually("messages go on") { handled.count >= turn * 500 }
                                members[turn - 1].drain()
                                try await members[turn - 1].closed
                                members.append(member)
                            }
                            try await eventually("all are handled") { handled.count >= 5_000 }
                            members.last?.drain()
                            try await group.waitForAll()
                        }
                    }
                }
            }
            #expect(handled.all.sorted() == Array(1...5_000))
        }

        @Test("D2, 13.3: a hundred subscriptions drained at once leave none behind")
        func hundredAtOnce() async throws {
            let server = try await NATSTestServer.shared()
            let (prefix, name) = (NATSTestServer.uniqueName(), NATSTestServer.uniqueName())
            try await withClient(change: { $0.name = name }) { client in
                let subscriptions = try (0..<100).map { try client.subscribe(to: "\(prefix).\($0)") }
                for number in 0..<100 { try await client.publish("1".utf8, to: "\(prefix).\(number)") }
                try await client.flush()
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for subscription in subscriptions {
                        subscription.drain()
                        group.addTask {
                            var count = 0
                            for await _ in subscription { count += 1 }
                            try await subscription.closed
                            return count
                        }
                    }
                    for try await count in group { #expect(count == 1) }
                }
                try await client.flush()
                #expect(try await server.clients().first { $0.name == name }?.subscriptions == 0)
            }
        }

        @Test("13.4: while it drains, what waits becomes less and less, and then it is closed")
        func pendingGoesDown() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let subscription = try client.subscribe(to: subject)
                try await client.publish(1...50, to: subject)
                try await client.flush()
                subscription.drain()
                var pending: [Int] = []
                for await _ in subscription {
                    pending.append(subscription.pending.messages)
                    #expect(try await !subscription.closed(within: .zero))
                }
                #expect(pending == Array((0..<50).reversed()))
                #expect(try await subscription.closed(within: .seconds(30)))
                #expect(subscription.pending.bytes == 0 && subscription.pending.delivered == 50)
            }
        }

        @Test("D5: the time for a drain passes with a handler at work: the error is reported, and it is closed")
        func timesOut() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let gate = Gate()
                let handled = Record<Int>()
                let subscription = try client.subscribe(to: subject)
                async let handling: Void = {
                    for await message in subscription {
                        await gate.pass()
                        handled.note(message.number ?? 0)
                    }
                }()
                try await client.publish(1...3, to: subject)
                try await eventually("the handler is at work") { gate.arrivals == 1 }
                subscription.drain(timeout: .milliseconds(50))
                #expect(try await code { try await subscription.closed } == .drainTimedOut)
                gate.open()
                await handling
                // Those behind it are not handled any more.
                #expect(handled.all == [1])
            }
        }

        @Test("13.10: a limit that is reached and a drain at the same moment do not hang")
        func limitAndDrain() async throws {
            let prefix = NATSTestServer.uniqueName()
            try await withClient { client in
                for round in 0..<100 {
                    let subject = NATSSubject("\(prefix).\(round)")
                    let subscription = try client.subscribe(to: subject)
                    subscription.unsubscribe(after: 5)
                    try await client.publish(1...5, to: subject)
                    async let draining: Void = subscription.drain()
                    var handled: [Int?] = []
                    for await message in subscription { handled.append(message.number) }
                    #expect(handled == Array((1...5).prefix(handled.count)))
                    try await subscription.closed
                    await draining
                }
            }
        }

        @Test("D.7, 13.14: a drain and an end from inside the loop do not hang")
        func fromInside() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let drained = try client.subscribe(to: subject)
                let ended = try client.subscribe(to: subject)
                try await client.publish(1...10, to: subject)
                try await client.flush()
                var counts = (0, 0)
                for await _ in drained {
                    drained.drain()
                    counts.0 += 1
                }
                for await _ in ended {
                    ended.unsubscribe()
                    counts.1 += 1
                }
                #expect(counts == (10, 1))
                try await drained.closed
                try await ended.closed
            }
        }

        @Test("D.7: drains, ends and readers at once, many times")
        func everythingAtOnce() async throws {
            let prefix = NATSTestServer.uniqueName()
            try await withClient { client in
                for round in 0..<200 {
                    let subject = NATSSubject("\(prefix).\(round)")
                    let subscription = try client.subscribe(to: subject)
                    try await client.publish(1...20, to: subject)
                    await withTaskGroup { group in
                        group.addTask { for await _ in subscription {} }
                        group.addTask { subscription.drain() }
                        group.addTask { subscription.drain(timeout: .seconds(20)) }
                        if round % 2 == 0 { group.addTask { subscription.unsubscribe() } }
                        if round % 3 == 0 { group.addTask { subscription.unsubscribe(after: 7) } }
                    }
                    try await subscription.closed
                }
            }
        }

        @Test("A loop that is left gives back what it has not handled, and the next one goes on there")
        func readersInTurn() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let subscription = try client.subscribe(to: subject)
                try await client.publish(1...100, to: subject)
                try await client.flush()
                var handled: [Int?] = []
                for count in [1, 10, 30] {
                    var left = count
                    for await message in subscription {
                        handled.append(message.number)
                        left -= 1
                        if left == 0 { break }
                    }
                }
                #expect(subscription.pending.messages == 59)
                var reader: NATSSubscription.AsyncIterator? = subscription.makeAsyncIterator()
                handled.append(await reader?.next()?.number)
                reader = nil
                subscription.drain()
                for await batch in subscription.batches { handled += batch.map(\.number) }
                #expect(handled == Array(1...100))
                try await subscription.closed
            }
        }

        @Test("A drain whose reader left the loop ends when another one has handled the rest")
        func leftInTheDrain() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let subscription = try client.subscribe(to: subject)
                try await client.publish(1...3, to: subject)
                try await client.flush()
                subscription.drain()
                for await _ in subscription { break }
                #expect(try await !subscription.closed(within: .milliseconds(1)))
                var count = 0
                for await _ in subscription { count += 1 }
                #expect(count == 2)
                try await subscription.closed
            }
        }

        @Test("A subscription whose last reader leaves after the last message is closed")
        func leftAtTheEnd() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { client in
                let subscription = try client.subscribe(to: subject)
                subscription.unsubscribe(after: 2)
                try await client.publish(1...2, to: subject)
                for await message in subscription where message.number == 2 { break }
                try await subscription.closed
            }
        }
    }
#endif
