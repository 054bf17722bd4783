/// One request after the other, each client answered by a connection of its own kind, against libnats with immediate sends.
struct RequestBenchmark {
    let url: String
    let clients: Clients
    private let count = 30_000

    func measure(pairs: Int) async throws -> [Report] {
        [
            report(
                "requests, one after the other", try await clients.pairs(pairs, .request, against: .request, url, count)
            ),
            report(
                "the same on the connections' threads",
                try await clients.pairs(pairs, .requestOnEventLoop, against: .request, url, count)),
        ]
    }

    private func report(_ name: String, _ measured: [OutcomePair]) -> Report {
        Report(
            name: name, unit: "requests/s", pairs: measured.rates(of: count),
            baselineName: "libnats, immediate sends", goal: .atLeast(1))
    }
}
