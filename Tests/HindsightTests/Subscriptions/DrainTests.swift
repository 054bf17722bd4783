import Hindsight
import HindsightPostgres
import Testing

@Suite("Drain and stop", .serialized, .timeLimit(.minutes(3)))
struct DrainTests {
    /// A subscription whose handler waits at the first event until it is let go.
    private struct Held: Sendable {
        let subscription: Subscription
        let handled = Recorder<Int>()
        let arrived = Recorder<Int>()
        let release = Recorder<Void>()

        func handle(_ event: RecordedEvent) async throws {
            let number = try SubscriptionFixture.number(event)
            arrived.note(number)
            try await Bank.until("the handler is let go") { release.count > 0 }
            handled.note(number)
        }

        func untilHeld() async throws {
            try await Bank.until("the first event is in flight") { arrived.count > 0 }
        }
    }

    @Test("A drain returns at once, handles what was delivered, and nothing that was appended later (D1, D4, S2)")
    func drain() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...5)
            let held = Held(subscription: numbers.subscription(SubscriptionOptions(name: "durable")))
            async let run: Void = held.subscription.run(held.handle)
            try await held.untilHeld()
            held.subscription.drain()
            #expect(held.handled.count == 0)
            #expect(try await held.subscription.closed(within: .milliseconds(1)) == false)
            try await numbers.append(6...8)
            held.release.note(())
            try await held.subscription.closed
            try await run
            #expect(held.handled.all == [1, 2, 3, 4, 5])
            // What was not delivered is left to the next reader; nothing is lost or handled twice (S3).
            #expect(try await numbers.collect(3, SubscriptionOptions(name: "durable")) == [6, 7, 8])
        }
    }

    @Test("A drain of a subscription that waits for events closes it")
    func drainWhileIdle() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...2)
            let handled = Recorder<Int>()
            let subscription = numbers.subscription()
            async let run: Void = subscription.run { handled.note(try SubscriptionFixture.number($0)) }
            try await Bank.until("all is handled") { handled.count == 2 }
            subscription.drain()
            try await subscription.closed
            try await numbers.append(3...3)
            try await run
            #expect(handled.all == [1, 2])
        }
    }

    @Test("A stop finishes the event in flight and drops the buffer", arguments: [false, true])
    func stop(afterDrain: Bool) async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...5)
            let held = Held(subscription: numbers.subscription(SubscriptionOptions(name: "durable")))
            async let run: Void = held.subscription.run(held.handle)
            try await held.untilHeld()
            if afterDrain { held.subscription.drain() }
            held.subscription.stop()
            held.subscription.drain()
            held.subscription.stop()
            held.release.note(())
            try await held.subscription.closed
            try await run
            #expect(held.handled.all == [1])
            #expect(try await numbers.collect(4, SubscriptionOptions(name: "durable")) == [2, 3, 4, 5])
        }
    }

    @Test("Any number may wait for the end, before it and after it")
    func closedForAll() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...1)
            let held = Held(subscription: numbers.subscription())
            async let run: Void = held.subscription.run(held.handle)
            try await held.untilHeld()
            let ended = Recorder<Bool>()
            try await withThrowingTaskGroup { waiters in
                for number in 0..<10 {
                    waiters.addTask {
                        if number.isMultiple(of: 2) {
                            try await held.subscription.closed
                        } else {
                            #expect(try await held.subscription.closed(within: .seconds(100)))
                        }
                        ended.note(true)
                    }
                }
                held.subscription.drain()
                held.release.note(())
                try await waiters.waitForAll()
            }
            #expect(ended.count == 10)
            try await run
            try await held.subscription.closed
            #expect(try await held.subscription.closed(within: .zero))
        }
    }

    @Test("Who waits for the end may be cancelled, and the subscription goes on")
    func waiterCancelled() async throws {
        try await SubscriptionFixture.open { numbers in
            let subscription = numbers.subscription()
            async let run: Void = subscription.run { _ in }
            let waiter = Task { try await subscription.closed }
            waiter.cancel()
            await #expect(throws: CancellationError.self) { try await waiter.value }
            subscription.drain()
            try await run
        }
    }

    @Test("When the drain's time is up, an error is reported and it closes; nothing more is handled (D5)")
    func drainTimeout() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...5)
            let held = Held(subscription: numbers.subscription(SubscriptionOptions(name: "durable")))
            let running = Task { try await held.subscription.run(held.handle) }
            try await held.untilHeld()
            held.subscription.drain(timeout: .milliseconds(20))
            let error = await #expect(throws: SubscriptionError.self) { try await held.subscription.closed }
            #expect(error?.code == .drainTimedOut)
            #expect(held.handled.count == 0)
            held.release.note(())
            let ending = await #expect(throws: SubscriptionError.self) { try await running.value }
            #expect(ending?.code == .drainTimedOut)
            #expect(held.handled.all == [1])
            #expect(try await numbers.collect(4, SubscriptionOptions(name: "durable")) == [2, 3, 4, 5])
        }
    }

    @Test("A drain that is done in time reports nothing")
    func drainInTime() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...3)
            let held = Held(subscription: numbers.subscription())
            async let run: Void = held.subscription.run(held.handle)
            try await held.untilHeld()
            held.subscription.drain(timeout: .seconds(100))
            held.release.note(())
            try await run
            try await held.subscription.closed
            #expect(held.handled.count == 3)
        }
    }

    @Test("Before the start, drain and stop close it for good", arguments: [false, true])
    func beforeStart(drains: Bool) async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...1)
            let subscription = numbers.subscription(SubscriptionOptions(name: "durable"))
            for _ in 1...2 { if drains { subscription.drain(timeout: .zero) } else { subscription.stop() } }
            try await subscription.closed
            let error = await #expect(throws: SubscriptionError.self) {
                try await subscription.run { _ in Issue.record("an event was handled") }
            }
            #expect(error?.code == .misuse)
            try await subscription.closed
        }
    }

    @Test("A subscription that waits for its name to be free can be drained and stopped", arguments: [false, true])
    func whileWaitingForTheName(drains: Bool) async throws {
        try await SubscriptionFixture.open { numbers in
            let first = numbers.subscription(SubscriptionOptions(name: "durable"))
            async let run: Void = first.run { _ in }
            _ = try await numbers.untilTaken("durable")
            let second = numbers.subscription(SubscriptionOptions(name: "durable"))
            async let waiting: Void = second.run { _ in Issue.record("an event was handled") }
            if drains { second.drain() } else { second.stop() }
            try await second.closed
            first.stop()
            try await run
            // It may have been ended before it began.
            do { try await waiting } catch let error as SubscriptionError { #expect(error.code == .misuse) }
        }
    }

    @Test("Cancelling ends it, and the event in flight is not acknowledged")
    func cancelled() async throws {
        try await SubscriptionFixture.open { numbers in
            try await numbers.append(1...3)
            let held = Held(subscription: numbers.subscription(SubscriptionOptions(name: "durable")))
            let running = Task { try await held.subscription.run(held.handle) }
            try await held.untilHeld()
            running.cancel()
            await #expect(throws: CancellationError.self) { try await running.value }
            await #expect(throws: CancellationError.self) { try await held.subscription.closed }
            #expect(try await numbers.collect(3, SubscriptionOptions(name: "durable")) == [1, 2, 3])
        }
    }
}
