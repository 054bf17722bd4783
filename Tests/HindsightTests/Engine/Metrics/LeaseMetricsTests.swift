import Hindsight
import HindsightPostgres
import MetricsTestKit
import Testing

import func Metrics.withMetricsFactory

@Suite("Metrics of leases", .timeLimit(.minutes(2)))
struct LeaseMetricsTests {
    @Test("A projection that another process takes over is counted as lost, once")
    func takenOver() async throws {
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
            try await Bank.open { bank in
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                try await bank.running(bank.engine(Account.projection())) { _ in
                    try await bank.untilApplied("account")
                    #expect(metrics.counterTotal(label: "hindsight_leases_taken") == 1)
                    #expect(metrics.counterTotal(label: "hindsight_leases_lost") == 0)
                    try await SubscriptionFixture.takeOver("account", in: bank.views)
                    try await Bank.until("the loss is counted") {
                        metrics.counterTotal(label: "hindsight_leases_lost") == 1
                    }
                    // The successor has it for an hour, and what comes is not for this process.
                    try await bank.append(Bank.Deposited(amount: 2), to: "1")
                    let before = try await bank.log.frontier().position
                    #expect(try await bank.offset(of: "account")?.position ?? 0 < before)
                }
                #expect(metrics.counterTotal(label: "hindsight_leases_lost") == 1)
                #expect(metrics.counterTotal(label: "hindsight_events_applied") == 1)
            }
        }
    }
}
