import Foundation
import Hindsight

/// The engine's peak memory while it catches up on ten times as many events.
struct MemoryBenchmark {
    let server: BenchmarkServer

    func measure() async throws -> [Report] {
        let load = Pair.systemLoad()
        let small = try await peak(500_000)
        let large = try await peak(5_000_000)
        return [
            Report(
                name: "peak memory, 5,000,000 events", unit: "MB", pairs: [Pair(large / 1e6, small / 1e6, load: load)],
                baselineName: "500,000 events", goal: .atMost(1.2))
        ]
    }

    private func peak(_ events: Int) async throws -> Double {
        let database = "memory_\(events)"
        try await server.withLog(database: database, keep: true) { log, _ in
            var simulator = OrderSimulator(seed: 7)
            var written = 0
            while written < events {
                let batch = simulator.orders(200).flatMap { $0 }
                try await log.append(inOrder: batch)
                written += batch.count
            }
        }
        let output = try await BenchmarkServer.run(
            BenchmarkServer.executable, ["catch-up-child", server.conninfo(database)])
        try await server.dropDatabase(database)
        guard let bytes = Double(output.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw BenchmarkError("the child printed no figure: \(output)")
        }
        return bytes
    }
}
