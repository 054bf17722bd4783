import Hindsight
import HindsightPostgres
import MetricsTestKit
import Testing

import enum Metrics.MetricsSystem

@Suite("Metrics", .timeLimit(.minutes(3)))
struct MetricsTests {
    /// Of this whole process; other tests have projections of other names.
    private static let metrics = {
        let metrics = TestMetrics()
        MetricsSystem.bootstrap(metrics)
        return metrics
    }()

    private struct Measured: ViewRow {
        var id = ""
        var events = 0
        static let table = ViewTable("measured", of: Self(), key: \.id, \.events)
        static let projection = ViewProjection(Self.self, version: 3)
            .on(Bank.Deposited.self) { row, event, _ in
                row.events += 1
                if event.amount == Bank.poison { throw Bank.Refusal() }
            }
            .parking()
    }

    private static let dimensions = [("projection", "measured"), ("version", "3"), ("kind", "projection")]

    private func total(_ name: String) throws -> Int64 {
        try Self.metrics.expectCounter(name, Self.dimensions).totalValue
    }

    private func last(_ name: String) throws -> Double? {
        try Self.metrics.expectGauge(name, Self.dimensions).lastValue
    }

    @Test("What was applied, how far it is, what is parked and who took the lease are recorded, once a batch")
    func recorded() async throws {
        _ = Self.metrics
        try await Bank.open { bank in
            for amount in [1, Bank.poison, 3] { try await bank.append(Bank.Deposited(amount: amount), to: "\(amount)") }
            try await bank.append(Bank.Withdrawn(amount: 3), to: "1")
            try await bank.engine(Measured.projection).runUntilCaughtUp()
            #expect(try total("hindsight_events_applied") == 3)
            #expect(try total("hindsight_batches") == 1)
            #expect(try total("hindsight_leases_taken") == 1)
            #expect(try last("hindsight_parked_keys") == 1)
            #expect(try last("hindsight_position") == 4)
            #expect(try last("hindsight_lag_seconds") == 0)
            let times = try Self.metrics.expectTimer("hindsight_batch_time", Self.dimensions).values
            #expect(times.count == 1 && times.allSatisfy { $0 > 0 })
            // Another process takes it.
            try await bank.append(Bank.Deposited(amount: 5), to: "1")
            try await bank.engine(Measured.projection).runUntilCaughtUp()
            #expect(try total("hindsight_leases_taken") == 2)
            #expect(try total("hindsight_events_applied") == 4)
        }
    }
}
