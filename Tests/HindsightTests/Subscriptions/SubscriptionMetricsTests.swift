import Hindsight
import HindsightPostgres
import MetricsTestKit
import Testing

import func Metrics.withMetricsFactory

@Suite("Metrics of subscriptions", .timeLimit(.minutes(3)))
struct SubscriptionMetricsTests {
    private struct Refusal: Error {}

    private static var options: SubscriptionOptions {
        var options = SubscriptionOptions(name: "measured", filter: .types(["Counted"]))
        options.metricsInterval = .milliseconds(20)
        return options
    }

    private static let lags = [
        "hindsight_subscription_lag_events", "hindsight_subscription_lag_seconds",
        "hindsight_subscription_checkpoint_age_seconds",
    ]

    private static func gauge(_ label: String, _ metrics: TestMetrics) -> Double? {
        metrics.recorders(label: label, dimensions: [("subscription", "measured")]).first?.lastValue
    }

    private func withMetrics(_ body: (TestMetrics, SubscriptionFixture) async throws -> Void) async throws {
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
            try await SubscriptionFixture.open { numbers in try await body(metrics, numbers) }
        }
    }

    @Test(
        "What was handled, where it stands, what waits and for how long it has stood are recorded, and 0 once it has ended"
    )
    func lag() async throws {
        try await withMetrics { metrics, numbers in
            let subscription = numbers.subscription(Self.options)
            let (release, released) = AsyncStream.makeStream(of: Void.self)
            try await numbers.append(1...2)
            try await withThrowingTaskGroup { tasks in
                tasks.addTask {
                    try await subscription.run { event in
                        if try SubscriptionFixture.number(event) == 3 { for await _ in release {} }
                    }
                }
                // Even if this fails, the subscription must come to its end.
                defer {
                    released.finish()
                    subscription.stop()
                }
                try await Bank.until("nothing is left") {
                    metrics.counterTotal(label: "hindsight_subscription_events_handled") == 2
                        && Self.gauge("hindsight_subscription_position", metrics) == 2
                        && Self.lags.allSatisfy { Self.gauge($0, metrics) == 0 }
                }
                try await numbers.append(10...12, type: "Noise")
                try await numbers.append(3...5)
                try await Bank.until("three events wait, and have waited for a while") {
                    Self.gauge("hindsight_subscription_lag_events", metrics) == 3
                        && Self.gauge("hindsight_subscription_lag_seconds", metrics) ?? 0 > 0.2
                        && Self.gauge("hindsight_subscription_checkpoint_age_seconds", metrics) ?? 0 > 0.2
                }
                released.finish()
                try await Bank.until("nothing is left") {
                    metrics.counterTotal(label: "hindsight_subscription_events_handled") == 5
                        && Self.lags.allSatisfy { Self.gauge($0, metrics) == 0 }
                }
                try await numbers.append(6...6)
                try await Bank.until("it is handled") {
                    metrics.counterTotal(label: "hindsight_subscription_events_handled") == 6
                }
                subscription.drain()
                try await tasks.waitForAll()
            }
            #expect(Self.lags.allSatisfy { Self.gauge($0, metrics) == 0 })
            #expect(metrics.counterTotal(label: "hindsight_subscription_leases_taken") == 1)
            #expect(metrics.counterTotal(label: "hindsight_subscription_failures") == 0)
        }
    }

    @Test("A name that another reader takes over is counted as lost, and not as a failure")
    func takenOver() async throws {
        try await withMetrics { metrics, numbers in
            try await numbers.append(1...1)
            let subscription = numbers.subscription(Self.options)
            let running = Task { try await subscription.run { _ in } }
            defer { running.cancel() }
            try await Bank.until("the event is handled") { try await numbers.offset(of: "measured")?.applied == 1 }
            try await SubscriptionFixture.takeOver("measured", in: numbers.pool)
            let ending = await #expect(throws: SubscriptionError.self) { try await running.value }
            #expect(ending?.code == .takenOver)
            #expect(metrics.counterTotal(label: "hindsight_subscription_leases_taken") == 1)
            #expect(metrics.counterTotal(label: "hindsight_subscription_leases_lost") == 1)
            #expect(metrics.counterTotal(label: "hindsight_subscription_failures") == 0)
        }
    }

    @Test("A handler that throws is counted as a failure, and what it handled until then is told")
    func failure() async throws {
        try await withMetrics { metrics, numbers in
            try await numbers.append(1...3)
            await #expect(throws: Refusal.self) {
                try await numbers.subscription(Self.options).run { event in
                    if event.position == 3 { throw Refusal() }
                }
            }
            #expect(metrics.counterTotal(label: "hindsight_subscription_events_handled") == 2)
            #expect(metrics.counterTotal(label: "hindsight_subscription_failures") == 1)
            #expect(metrics.counterTotal(label: "hindsight_subscription_leases_lost") == 0)
            // One without a durable name has nothing that could be told.
            #expect(try await numbers.collect(3) == [1, 2, 3])
            #expect(metrics.counterTotal(label: "hindsight_subscription_events_handled") == 2)
        }
    }
}
