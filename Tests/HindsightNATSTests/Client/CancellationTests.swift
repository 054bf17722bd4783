#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Cancelled waits", .timeLimit(.minutes(2)))
    struct CancellationTests {
        /// Cancels a task that runs `body` once it waits, and returns how that ended.
        private func cancelled(
            when isWaiting: () async throws -> Bool = { true }, _ body: @escaping @Sendable () async throws -> Void
        ) async throws -> Result<Void, any Error> {
            let task = Task { try await body() }
            try await eventually("it waits", isWaiting)
            for _ in 0..<20 { await Task.yield() }
            task.cancel()
            return await task.result
        }

        private func code(_ result: Result<Void, any Error>) -> NATSError.Code? {
            guard case .failure(let error) = result else { return nil }
            return (error as? NATSError)?.code
        }

        @Test("A request, a flush, the next message and the end can be waited for no longer")
        func allWaits() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url) { client in
                    let silent = try client.subscribe(to: "a")
                    let empty = try client.subscribe(to: "b")
                    try await client.flush()
                    let request = try await cancelled(when: { silent.pending.messages == 1 }) {
                        _ = try await client.request("".utf8, to: "a", within: .seconds(600))
                    }
                    #expect(code(request) == .cancelled)
                    #expect(code(try await cancelled { try await empty.closed }) == .cancelled)
                    #expect(
                        code(try await cancelled { _ = try await empty.closed(within: .seconds(600)) }) == .cancelled)
                    #expect(code(try await cancelled { try await client.closed }) == .cancelled)
                    let next = try await cancelled {
                        for await _ in empty { Issue.record("there is none") }
                        #expect(Task.isCancelled)
                    }
                    #expect(code(next) == nil)
                    let handling = try await cancelled { try await client.handle("c") { _ in } }
                    guard case .failure(let error) = handling, error is CancellationError else {
                        Issue.record("\(handling)")
                        return
                    }
                    let many = try await cancelled(when: { silent.pending.messages == 2 }) {
                        for try await _ in try await client.requestMany("".utf8, to: "a", until: .total(.seconds(600)))
                        {}
                    }
                    #expect(code(many) == .cancelled)
                    try await server.suspend()
                    #expect(code(try await cancelled { try await client.flush(within: .seconds(600)) }) == .cancelled)
                    await server.resume()
                    // The connection is as it was.
                    try await client.flush()
                    #expect(try await server.clients().first?.subscriptions == 3)
                }
            }
        }

        @Test("Who waits for room to publish can be cancelled, and goes on when there is room")
        func waitingForRoom() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url, change: { $0.outputBufferBytes = 10_000 }) { client in
                    let subscription = try client.subscribe(to: "a")
                    try await client.flush()
                    try await server.suspend()
                    let published = Record<Int>()
                    let chunk = [UInt8](repeating: 0, count: 100_000)
                    let publishing = Task {
                        for number in 0..<1_000 {
                            try await client.publish(chunk, to: "b")
                            published.note(number)
                        }
                    }
                    // The system takes some megabytes. On a busy machine a publisher can stand still for a moment without waiting.
                    var (before, still) = (0, 0)
                    try await eventually("it waits") {
                        try await Task.sleep(for: .milliseconds(50))
                        still = published.count == before && before > 0 ? still + 1 : 0
                        before = published.count
                        return still == 20
                    }
                    let others = (0..<3).map { _ in Task { try await client.publish("1".utf8, to: "a") } }
                    for other in others {
                        other.cancel()
                        #expect(code(await other.result) == .cancelled)
                    }
                    let patient = Task { try await client.publish("2".utf8, to: "a") }
                    #expect(published.count < 1_000)
                    publishing.cancel()
                    #expect(code(await publishing.result) == .cancelled)
                    await server.resume()
                    try await patient.value
                    try await client.flush()
                    #expect(subscription.pending.messages == 1)
                }
            }
        }

        @Test("Times that are over before a wait begins end it")
        func noTime() async throws {
            try await withNATSServer { server in
                try await withClient(of: server.url) { client in
                    let subscription = try client.subscribe(to: "a")
                    try await client.flush()
                    try await server.suspend()
                    for time in [Duration.zero, .nanoseconds(1), .seconds(-1), .microseconds(50)] {
                        for _ in 0..<20 {
                            #expect(try await !client.closed(within: time))
                            #expect(try await !subscription.closed(within: time))
                            await #expect(throws: NATSError.self) { try await client.flush(within: time) }
                            let replies = try await client.requestMany("".utf8, to: "b", until: .total(time))
                            for try await _ in replies { Issue.record("there is none") }
                        }
                    }
                    await server.resume()
                    try await client.flush(within: .seconds(Int64.max))
                }
            }
        }

        @Test("A cancelled reader stops also where messages never cease")
        func inAStorm() async throws {
            let subject = NATSSubject(NATSTestServer.uniqueName())
            try await withClient { publisher in
                try await withClient { client in
                    let storm = Task {
                        while !Task.isCancelled { try await publisher.publish("1".utf8, to: subject) }
                    }
                    let count = Record<Void>()
                    let reading = Task {
                        for await _ in try client.subscribe(to: subject) { count.note(()) }
                    }
                    try await eventually("it reads") { count.count > 1_000 }
                    reading.cancel()
                    try await reading.value
                    storm.cancel()
                    _ = await storm.result
                }
            }
        }

        @Test("A cancelled client closes, whatever it is at")
        func run() async throws {
            try await withNATSServer { server in
                var configuration = NATSConfiguration()
                configuration.servers = [server.url]
                for round in 0..<30 {
                    let client = try NATSClient(configuration, logger: quiet)
                    let running = Task { try await client.run() }
                    if round % 3 == 0 { try await client.flush() }
                    if round % 3 == 1 { await Task.yield() }
                    running.cancel()
                    try await running.value
                    try await client.closed
                }
                // While a drain waits for a handler.
                let client = try NATSClient(configuration, logger: quiet)
                let running = Task { try await client.run() }
                let gate = Gate()
                let subscription = try client.subscribe(to: "a")
                let reading = Task { for await _ in subscription { await gate.pass() } }
                try await client.publish("".utf8, to: "a")
                try await eventually("it is at work") { gate.arrivals == 1 }
                client.drain()
                await server.kill()
                running.cancel()
                _ = await running.result
                #expect(try await client.closed(within: .seconds(30)))
                gate.open()
                await reading.value
            }
        }
    }
#endif
