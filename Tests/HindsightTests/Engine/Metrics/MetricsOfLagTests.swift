import Hindsight
import HindsightPostgres
import MetricsTestKit
import Testing

import func Metrics.withMetricsFactory

@Suite("Metrics of lag and age", .timeLimit(.minutes(3)))
struct MetricsOfLagTests {
    /// An engine that measures much more often than one for a real metrics system.
    private static var measuring: EngineConfiguration {
        var configuration = Bank.impatient
        configuration.metricsInterval = .milliseconds(20)
        return configuration
    }

    /// Runs a test whose engines and reads record in metrics of its own.
    private func withMetrics(_ body: (TestMetrics, Bank) async throws -> Void) async throws {
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
            try await Bank.open { bank in try await body(metrics, bank) }
        }
    }

    private static func gauge(_ label: String, of projection: String, _ metrics: TestMetrics) -> Double? {
        let dimensions = [("projection", projection), ("version", "1"), ("kind", "projection")]
        return metrics.recorders(label: label, dimensions: dimensions).first?.lastValue
    }

    private static func gauge(_ label: String, _ metrics: TestMetrics) -> Double? {
        metrics.recorders(label: label).first?.lastValue
    }

    private static let lags = ["hindsight_lag_events", "hindsight_lag_seconds", "hindsight_checkpoint_age_seconds"]

    @Test("A projection that gets no further shows how many events wait, how old they are and how long it has stood")
    func blocked() async throws {
        try await withMetrics { metrics, bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            let engine = bank.engine(Account.projection(), configuration: Self.measuring)
            try await bank.running(engine) { _ in
                try await bank.untilApplied("account")
                try await Bank.until("nothing is left") {
                    Self.lags.allSatisfy { Self.gauge($0, of: "account", metrics) == 0 }
                }
                let table = try #require(try await bank.shownTable("account"))
                let open = try await OpenTransaction.begin(in: bank.views)
                try await open.run { try $0.execute(SQL(unsafeSQL: "lock table hindsight.\(table)")) }
                for _ in 1...3 { try await bank.append(Bank.Deposited(amount: 1), to: "1") }
                try await Bank.until("three events wait, and have waited for a while") {
                    Self.gauge("hindsight_lag_events", of: "account", metrics) == 3
                        && Self.gauge("hindsight_lag_seconds", of: "account", metrics) ?? 0 > 0.2
                        && Self.gauge("hindsight_checkpoint_age_seconds", of: "account", metrics) ?? 0 > 0.2
                }
                try await open.rollBack()
                try await Bank.until("nothing is left") {
                    Self.lags.allSatisfy { Self.gauge($0, of: "account", metrics) == 0 }
                }
            }
        }
    }

    @Test("A projection that has stopped is counted once, and its lag goes on to be told")
    func stopped() async throws {
        try await withMetrics { metrics, bank in
            let projection = ViewProjection(Account.self, version: 1)
                .on(Bank.Deposited.self) { _, _, _ in throw Bank.Refusal() }
            try await bank.running(bank.engine(projection, configuration: Self.measuring)) { _ in
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                _ = try await bank.untilStopped("account")
                try await Bank.until("two events wait for somebody to help") {
                    Self.gauge("hindsight_lag_events", of: "account", metrics) == 2
                        && Self.gauge("hindsight_checkpoint_age_seconds", of: "account", metrics) ?? 0 > 0.1
                }
                try await Bank.until("it is counted") { metrics.counterTotal(label: "hindsight_stops") == 1 }
            }
        }
    }

    @Test("Only the process that has a projection tells of its lag; the others say 0")
    func twoProcesses() async throws {
        let other = TestMetrics()
        try await withMetrics { metrics, bank in
            let gate = Gate()
            let projection = ViewProjection(Account.self, version: 1)
                .on(Bank.Deposited.self) { _, event, _ in
                    if event.amount == 2 { gate.pass() }
                }
            defer { gate.open() }
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.running(bank.engine(projection, configuration: Self.measuring)) { _ in
                try await bank.untilApplied("account")
                try await withMetricsFactory(other) {
                    try await bank.asProcess("second") { second in
                        let engine = second.engine(projection, configuration: Self.measuring)
                        try await second.running(engine) { _ in
                            try await bank.append(Bank.Deposited(amount: 2), to: "1")
                            try await Bank.until("one tells, and the other does not") {
                                Self.gauge("hindsight_lag_events", of: "account", metrics) == 1
                                    && Self.gauge("hindsight_lag_events", of: "account", other) == 0
                            }
                            gate.open()
                        }
                    }
                }
            }
        }
    }

    @Test("An open append shows in the frontier's age and in the number of those who hold it back")
    func frontier() async throws {
        try await withMetrics { metrics, bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.running(bank.engine(Account.projection(), configuration: Self.measuring)) { _ in
                try await Bank.until("nothing is held") {
                    Self.gauge("hindsight_frontier_age_seconds", metrics) == 0
                        && Self.gauge("hindsight_frontier_position", metrics) == 1
                }
                let open = try await OpenTransaction.begin(in: bank.views)
                try await open.run { session in
                    _ = try bank.log.append([LogFixture.event(1)], to: "held-1", in: &session)
                }
                try await Bank.until("the frontier stands") {
                    Self.gauge("hindsight_frontier_holders", metrics) == 1
                        && Self.gauge("hindsight_frontier_age_seconds", metrics) ?? 0 > 0.1
                }
                try await open.rollBack()
                try await Bank.until("nothing is held") {
                    Self.gauge("hindsight_frontier_age_seconds", metrics) == 0
                        && Self.gauge("hindsight_frontier_holders", metrics) == 0
                }
            }
        }
    }

    @Test("Reads that wait are counted while they do")
    func waitingReads() async throws {
        try await withMetrics { metrics, bank in
            let waiting = { metrics.meters(label: "hindsight_waiting_reads").first?.lastValue }
            try await bank.running(bank.engine(Meter.projection(), configuration: Self.measuring)) { _ in
                try await bank.untilApplied("meter")
                let next = try await bank.log.frontier().position + 1
                async let reading = Views(pool: bank.views).row(
                    Meter.self, "all", atLeast: next, timeout: .seconds(60))
                try await Bank.until("one waits") { waiting() == 1 }
                try await bank.append(Bank.Deposited(amount: 1), to: "1")
                _ = try await reading
                #expect(waiting() == 0)
            }
        }
    }
}
