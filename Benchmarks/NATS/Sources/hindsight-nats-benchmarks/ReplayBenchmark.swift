import HindsightNATS

/// Reading 1,000,000 messages of 128 bytes and three headers in order, against the ordered consumer of libnats.
struct ReplayBenchmark {
    let url: String
    let clients: Clients
    private let count = 1_000_000

    func measure(pairs: Int) async throws -> [Report] {
        try await Streams(url: url).fill(count)
        let plain = try await clients.pairs(pairs, .replay, against: .replay, url, count)
        let withHeaders = try await clients.pairs(pairs, .replayWithHeaders, against: .replayWithHeaders, url, count)
        let pulled = try await clients.pairs(pairs, .replay, against: .replayByPulls, url, count)
        return reports("ordered replay of 1,000,000", "libnats, pushed", plain)
            + reports("the same, three headers read", "libnats, pushed", withHeaders)
            + reports("ordered replay of 1,000,000", "libnats, pulls of 5,000", pulled)
    }

    private func reports(_ name: String, _ baseline: String, _ measured: [OutcomePair]) -> [Report] {
        [
            Report(
                name: name, unit: "messages/s", pairs: measured.rates(of: count), baselineName: baseline,
                goal: .atLeast(1)),
            Report(
                name: "processor time a message", unit: "ns", pairs: measured.processorTimes(of: count),
                baselineName: baseline, goal: .atMost(0.5)),
        ]
    }
}
