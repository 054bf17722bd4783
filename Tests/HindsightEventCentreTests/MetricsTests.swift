#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightNATS
    import HindsightValues
    import MetricsTestKit
    import Testing

    import func Metrics.withMetricsFactory

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    @Suite("R6 metrics of a node", .timeLimit(.minutes(3)))
    struct MetricsTests {
        private static func count(_ metrics: TestMetrics, _ label: String, _ dimensions: [String]) -> Int64 {
            metrics.counters.filter { counter in
                counter.label == label && dimensions.allSatisfy { counter.dimensions.map(\.1).contains($0) }
            }.reduce(0) { $0 + $1.totalValue }
        }

        @Test("Requests, receipts, handlers that were given up, and events of tasks are counted")
        func counted() async throws {
            let metrics = TestMetrics()
            try await withMetricsFactory(metrics) {
                try await CentreFixture.with { fixture in
                    let gate = DrainTests.Gate()
                    let commands = Bank.commands { if $0.account == "stuck" { try await gate.pass() } }
                    let node = fixture.node(commands, tasks: [TaskTests.task]) { $0.handlerTime = .seconds(1) }
                    try await fixture.serving([node]) {
                        let id = UUID.version7()
                        for _ in 0..<2 { _ = try await fixture.centre.submit(Deposit(account: "1", amount: 3), id: id) }
                        _ = try await fixture.centre.submit(Withdraw(account: "1", amount: 4))
                        _ = await #expect(throws: EventCentreError.self) {
                            try await fixture.centre.submit(Withdraw(account: "stuck", amount: 0))
                        }
                        try await TaskTests.working(fixture) { _, _ in
                            nil
                        } _: {
                            try await eventually("the task is done") {
                                Self.count(metrics, "hindsight_centre_receipts", ["thank", "appended"]) == 1
                            }
                        }
                        let centre = fixture.prefix
                        #expect(
                            Self.count(metrics, "hindsight_centre_requests", [centre, "command", "answered"]) == 3)
                        #expect(Self.count(metrics, "hindsight_centre_requests", ["command", "handlerTimedOut"]) == 1)
                        #expect(Self.count(metrics, "hindsight_centre_requests", ["done", "answered"]) == 1)
                        // What was repeated is stored once.
                        #expect(Self.count(metrics, "hindsight_centre_receipts", [centre, "Deposit", "appended"]) == 1)
                        #expect(Self.count(metrics, "hindsight_centre_receipts", ["Withdraw", "refused"]) == 1)
                        #expect(Self.count(metrics, "hindsight_centre_handlers_given_up", [centre]) == 1)
                        try await eventually("it is known as done") {
                            Self.count(metrics, "hindsight_centre_task_events", [centre, "thank"]) == 1
                        }
                        #expect(!metrics.timers.filter { $0.label == "hindsight_centre_request_time" }.isEmpty)
                    }
                    gate.open()
                }
            }
        }
    }
#endif
