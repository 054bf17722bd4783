/// The client's peak memory while it reads 5,000,000 messages, five times the same stream.
struct MemoryBenchmark {
    let url: String
    let clients: Clients
    private let count = 1_000_000

    func measure() async throws -> [Report] {
        try await Streams(url: url).fill(count)
        let load = Pair.systemLoad()
        let once = try await clients.outcome(.replay, url, count).peakBytes / 1_048_576
        let long = try await clients.outcome(.replayFiveTimes, url, count).peakBytes / 1_048_576
        return [
            Report(
                name: "peak memory, replay of 5,000,000", unit: "MiB", pairs: [Pair(long, 64, load: load)],
                baselineName: "the most that is wanted", goal: .atMost(1)),
            Report(
                name: "peak memory, replay of 5,000,000", unit: "MiB", pairs: [Pair(long, once, load: load)],
                baselineName: "replay of 1,000,000", goal: .atMost(1.2)),
        ]
    }
}
