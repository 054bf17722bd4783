/// 32 acknowledged publishes at a time over one connection.
struct PublishBenchmark {
    let url: String
    let clients: Clients
    private let count = 100_000

    func measure(pairs: Int) async throws -> [Report] {
        try await Streams(url: url).create(Work.published, replicas: 1)
        let threads = try await clients.pairs(pairs, .publish, against: .publish, url, count)
        let window = try await clients.pairs(pairs, .publish, against: .publishInWindow, url, count)
        return [
            Report(
                name: "32 acknowledged publishes", unit: "messages/s", pairs: threads.rates(of: count),
                baselineName: "libnats, 32 threads", goal: .atLeast(2.5)),
            Report(
                name: "32 acknowledged publishes", unit: "messages/s", pairs: window.rates(of: count),
                baselineName: "libnats, asynchronous, window of 32", goal: .atLeast(1)),
        ]
    }
}
