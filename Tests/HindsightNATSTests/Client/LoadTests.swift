#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import NIOCore
    import Testing

    @Suite("Much at once", .timeLimit(.minutes(3)))
    struct LoadTests {
        @Test("Every message of eight publishers comes once, in each one's order, to two clients")
        func twoClients() async throws {
            let prefix = NATSTestServer.uniqueName()
            try await withClient { publisher in
                try await withClient { one in
                    try await withClient { two in
                        let subscriptions = try [one, two].map { try $0.subscribe(to: "\(prefix).*") }
                        try await one.flush()
                        try await two.flush()
                        try await withThrowingTaskGroup { group in
                            for task in 0..<8 {
                                group.addTask { try await publisher.publish(1...10_000, to: "\(prefix).\(task)") }
                            }
                            for subscription in subscriptions {
                                subscription.unsubscribe(after: 80_000)
                                group.addTask {
                                    var next: [NATSSubject: Int] = [:]
                                    for await message in subscription {
                                        let expected = next[message.subject, default: 1]
                                        guard message.number == expected else {
                                            Issue.record("\(message.text) instead of \(expected)")
                                            return
                                        }
                                        next[message.subject] = expected + 1
                                    }
                                    #expect(next.count == 8 && next.values.allSatisfy { $0 == 10_001 })
                                }
                            }
                            try await group.waitForAll()
                        }
                    }
                }
            }
        }

        @Test("A hundred thousand subscriptions, over a reconnect and drained")
        func manySubscriptions() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url, change: { $0.name = "me" }) { client in
                    let subscriptions = try (0..<100_000).map { try client.subscribe(to: "a.\($0)") }
                    try await client.flush(within: .seconds(100))
                    let events = client.events
                    client.reconnect()
                    for await event in events { if case .connected = event { break } }
                    try await client.flush(within: .seconds(100))
                    for number in stride(from: 0, to: 100_000, by: 1_000) {
                        try await client.publish("\(number)".utf8, to: "a.\(number)")
                    }
                    try await client.flush(within: .seconds(100))
                    for (number, subscription) in subscriptions.enumerated() {
                        guard subscription.pending.messages == (number % 1_000 == 0 ? 1 : 0) else {
                            Issue.record("\(number) has \(subscription.pending)")
                            return
                        }
                    }
                    client.drain(timeout: .seconds(100))
                    for number in stride(from: 0, to: 100_000, by: 1_000) {
                        for await message in subscriptions[number] { #expect(message.number == number) }
                    }
                    try await client.closed
                }
            }
        }

        @Test("What is kept for a reader who does not come is bounded, though messages come one by one")
        func keptMemory() async throws {
            let prefix = NATSTestServer.uniqueName()
            try await withClient { client in
                let slow = try client.subscribe(to: "\(prefix).slow")
                let fast = try client.subscribe(to: "\(prefix).*")
                // One message of the slow one among much for others, in each read.
                let much = [UInt8](repeating: 0, count: 20_000)
                for number in 0..<50 {
                    try await client.publish("\(number)".utf8, to: "\(prefix).slow")
                    try await client.publish(much, to: "\(prefix).fast")
                    try await client.flush()
                }
                fast.unsubscribe()
                #expect(slow.pending.messages == 50)
                slow.drain()
                var number = 0
                for await message in slow {
                    #expect(message.number == number)
                    // The one read holds no more than it.
                    #expect(message.payload.storageCapacity < 1_000)
                    number += 1
                }
            }
        }
    }
#endif
