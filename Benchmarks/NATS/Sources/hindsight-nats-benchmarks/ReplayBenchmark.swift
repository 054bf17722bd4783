import HindsightNATS

/// Reading 1,000,000 messages of 128 bytes and three headers in order, against the ordered consumer of libnats.
struct ReplayBenchmark {
    let url: String
    let clients: Clients
    private let count = 1_000_000

    func measure(pairs: Int) async throws -> [Report] {
        try await Streams(url: url).fill(count)
        let measured = try await clients.pairs(pairs, .replay, against: .replay, url, count)
        return [
            Report(
                name: "ordered replay of 1,000,000", unit: "messages/s", pairs: measured.rates(of: count),
                baselineName: "libnats", goal: .atLeast(1)),
            Report(
                name: "the same, processor time a message", unit: "ns", pairs: measured.processorTimes(of: count),
                baselineName: "libnats", goal: .atMost(0.5)),
        ]
    }
}
