import Hindsight
import HindsightPostgres
import HindsightValues
import Synchronization
import Testing

@Suite("Handling events", .serialized, .timeLimit(.minutes(3)))
struct HandlingTests {
    @Test("An error closes the subscription: nothing behind the event is handled, and it comes first afterwards (P4)")
    func errorCloses() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...10)
            let options = SubscriptionOptions(name: "durable")
            let handled = Recorder<Int>()
            let subscription = numbers.subscription(options)
            await #expect(throws: Bank.Refusal.self) {
                try await subscription.run { event in
                    let number = try SubscriptionFixture.number(event)
                    if number == 4 { throw Bank.Refusal() }
                    handled.note(number)
                }
            }
            await #expect(throws: Bank.Refusal.self) { try await subscription.closed }
            #expect(handled.all == [1, 2, 3])
            #expect(try await numbers.offset(of: "durable")?.applied == 3)
            #expect(try await numbers.collect(7, options) == Array(4...10))
        }
    }

    @Test("At most one event is in flight (P5)")
    func oneInFlight() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...50)
            let inFlight = Mutex(0)
            let handled = Recorder<Int>()
            let subscription = numbers.subscription(SubscriptionOptions(name: "durable"))
            try await subscription.run { event in
                let others = inFlight.withLock { count in
                    defer { count += 1 }
                    return count
                }
                #expect(others == 0)
                await Task.yield()
                handled.note(try SubscriptionFixture.number(event))
                inFlight.withLock { $0 -= 1 }
                if handled.count == 50 { subscription.stop() }
            }
            #expect(handled.all == Array(1...50))
        }
    }

    @Test("Events that have expired may be skipped (P11)")
    func expired() async throws {
        try await SubscriptionFixture.open { numbers in
            let now = Timestamp.now()
            for number in 1...6 {
                var event = LogFixture.event(number)
                event.recordedAt = number.isMultiple(of: 2) ? now : now.advanced(by: .seconds(-3_600))
                try await numbers.log.append(event, to: "counter-1")
            }
            let subscription = numbers.subscription(SubscriptionOptions(name: "durable"))
            let fresh = Recorder<Int>()
            try await subscription.run { event in
                if event.recordedAt.duration(to: now) < .seconds(60) {
                    fresh.note(try SubscriptionFixture.number(event))
                }
                if event.position == 6 { subscription.stop() }
            }
            #expect(fresh.all == [2, 4, 6])
            #expect(try await numbers.offset(of: "durable")?.position == 6)
        }
    }

    @Test("Only the wanted types, or the wanted category, are delivered")
    func filters() async throws {
        try await SubscriptionFixture.open { numbers in
            for number in 1...30 {
                try await numbers.append(
                    number...number, type: ["A", "B", "C"][number % 3],
                    to: StreamName(category: "c\(number % 2)", id: 1))
            }
            let types = SubscriptionOptions(filter: .types(["A", "C"]))
            #expect(try await numbers.collect(20, types) == (1...30).filter { $0 % 3 != 1 })
            #expect(
                try await numbers.collect(15, SubscriptionOptions(filter: .category("c1")))
                    == (1...30).filter { $0 % 2 == 1 })
            // A wanted event behind many that are not.
            let rare = SubscriptionOptions(name: "rare", filter: .types(["D"]))
            async let found = numbers.collect(1, rare)
            _ = try await numbers.untilTaken("rare")
            try await numbers.append(31...60)
            try await numbers.append(61...61, type: "D")
            #expect(try await found == [61])
        }
    }

    @Test("From catch-up to live there is no gap, under appends that never pause")
    func noGap() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...200)
            var options = SubscriptionOptions()
            options.bufferSize = 16
            async let collected = numbers.collect(1_000, options)
            try await withThrowingTaskGroup { appenders in
                for appender in 0..<4 {
                    appenders.addTask {
                        let first = 201 + appender * 200
                        try await numbers.append(
                            first...(first + 199), to: StreamName(category: "counter", id: appender + 2))
                    }
                }
                try await appenders.waitForAll()
            }
            let handled = try await collected
            #expect(handled.sorted() == Array(1...1_000))
            let events = try await numbers.log.read(after: .beginning, limit: 2_000).events
            #expect(handled == (try events.map(SubscriptionFixture.number)))
        }
    }

    @Test("A slow handler with a small buffer loses nothing", arguments: [1, 3])
    func backPressure(bufferSize: Int) async throws {
        try await SubscriptionFixture.open { numbers in
            var options = SubscriptionOptions(name: "slow")
            options.bufferSize = bufferSize
            let subscription = numbers.subscription(options)
            let handled = Recorder<Int>()
            try await numbers.append(1...1)
            try await subscription.run { event in
                let number = try SubscriptionFixture.number(event)
                handled.note(number)
                // More comes in than goes out, for as long as it matters.
                if number <= 40 { try await numbers.append((number * 2)...(number * 2 + 1)) }
                if handled.count == 81 { subscription.stop() }
            }
            #expect(handled.all == Array(1...81))
        }
    }

    @Test("A notification of another process wakes the reader, without a poll")
    func wokenByNotification() async throws {
        var configuration = PostgresEventLog.Configuration()
        configuration.pollInterval = .seconds(3_600)
        try await SubscriptionFixture.open(configuration: configuration) { numbers in
            let handled = Recorder<Int>()
            let subscription = numbers.subscription()
            async let run: Void = subscription.run { handled.note(try SubscriptionFixture.number($0)) }
            try await numbers.append(1...1)
            try await Bank.until("the first event is handled") { handled.count == 1 }
            try await Bank.until("the reader listens") {
                try await numbers.pool.withSession {
                    try $0.query(
                        """
                        select exists (select from pg_stat_activity
                            where datname = current_database() and query ilike 'listen%' and state = 'idle')
                        """)[0].decode(0)
                }
            }
            let other = PostgresPool(configuration: numbers.fixture.database, logger: LogFixture.logger)
            let elsewhere = PostgresEventLog(pool: other, logger: LogFixture.logger)
            try await withRunning(elsewhere) { elsewhere in
                for number in 2...10 {
                    try await elsewhere.append(LogFixture.event(number), to: "counter-1")
                    try await Bank.until("event \(number) is handled") { handled.count == number }
                }
            }
            subscription.stop()
            try await run
            await other.close()
        }
    }

    @Test("A lost connection and a restart of the server are waited for", arguments: [false, true])
    func serverRestart(immediate: Bool) async throws {
        try await RestartFixture.open { numbers, cluster in
            try await numbers.append(1...20)
            let subscription = numbers.subscription(SubscriptionOptions(name: "durable"))
            let handled = Recorder<Int>()
            try await subscription.run { event in
                let number = try SubscriptionFixture.number(event)
                handled.note(number)
                if number == 7 { try await cluster.stop(immediate: immediate) }
                if number == 20 { subscription.stop() }
            }
            #expect(handled.all == Array(1...20))
            #expect(try await numbers.offset(of: "durable")?.applied == 20)
        }
    }

    @Test("After a crash of the server that lost its last offsets, it goes on from the offset that is stored")
    func offsetsLost() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...8)
            let subscription = numbers.subscription(SubscriptionOptions(name: "lossy"))
            let handled = Recorder<Int>()
            try await subscription.run { event in
                let number = try SubscriptionFixture.number(event)
                handled.note(number)
                if handled.count == 6 {
                    // What is left of commits that nobody had flushed: an earlier offset, and no connection.
                    try await numbers.terminate(try await numbers.untilTaken("lossy"))
                    try await numbers.pool.withSession { session in
                        try session.execute(
                            """
                            update hindsight.offsets o set position = e.position, anchor = e.id, applied = 3
                            from hindsight.events e where o.name = 'lossy' and e.version = 2
                            """)
                    }
                }
                if number == 8 { subscription.stop() }
            }
            #expect(handled.all == Array(1...6) + Array(4...8))
            #expect(try await numbers.offset(of: "lossy")?.applied == 8)
        }
    }
}
