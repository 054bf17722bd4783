/// Publishing 128 bytes and receiving them, over one connection.
struct CoreBenchmark {
    let url: String
    let clients: Clients
    private let count = 2_000_000

    func measure(pairs: Int) async throws -> [Report] {
        let measured = try await clients.pairs(pairs, .core, against: .core, url, count)
        return [
            Report(
                name: "publish and subscribe, 128 B", unit: "messages/s", pairs: measured.rates(of: count),
                baselineName: "libnats", goal: .atLeast(0.9)),
            Report(
                name: "the same, processor time a message", unit: "ns", pairs: measured.processorTimes(of: count),
                baselineName: "libnats", goal: .atMost(1)),
        ]
    }
}
