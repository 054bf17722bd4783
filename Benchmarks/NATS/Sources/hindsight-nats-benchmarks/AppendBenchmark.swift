/// 32 appends of single events at a time, against as many publishes of the same client that look at nothing.
struct AppendBenchmark {
    let url: String
    let clients: Clients
    let replicas: Int
    private let count = 50_000

    func measure(pairs: Int) async throws -> [Report] {
        try await Streams(url: url).create(Work.published, replicas: replicas)
        return [
            report("to known streams", try await compare(.append, pairs)),
            report("to new streams", try await compare(.appendToNewStreams, pairs)),
        ]
    }

    private func compare(_ work: Work, _ pairs: Int) async throws -> [OutcomePair] {
        try await clients.pairs(pairs, work, against: .publish, ofOwn: true, url, count)
    }

    private func report(_ streams: String, _ measured: [OutcomePair]) -> Report {
        Report(
            name: "32 appends \(streams), R\(replicas)", unit: "events/s", pairs: measured.rates(of: count),
            baselineName: "32 acknowledged publishes", goal: .atLeast(0.4))
    }
}
