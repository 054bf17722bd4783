import HindsightNATS

/// Prepares what the works read from and publish to.
struct Streams {
    let url: String

    /// Creates a stream for publishes.
    func create(_ name: String, replicas: Int) async throws {
        try await withBenchmarkClient(url) { client in
            var configuration = StreamConfiguration(name: name, subjects: ["\(name.lowercased()).>"])
            configuration.replicas = replicas
            let deadline = ContinuousClock.now + .seconds(30)
            while true {
                do {
                    _ = try await JetStream(client).createStream(configuration)
                    return
                } catch  where ContinuousClock.now < deadline {
                    // The servers of a new cluster have to find each other and elect a leader first.
                    try await Task.sleep(for: .milliseconds(200))
                }
            }
        }
    }

    /// Creates the stream that is replayed, with messages of three headers each.
    func fill(_ count: Int) async throws {
        try await create(Work.replayed, replicas: 1)
        try await withBenchmarkClient(url) { client in
            try await JetStream(client).withPublisher(window: 2_000) { publisher in
                for number in 1...count {
                    try await publisher.publish(
                        Work.payload, to: "replay.order.\(number % 1_000)",
                        headers: ["Id": "\(number)", "Version": "\(number / 1_000)", "Type": "OrderLinePlaced"])
                }
            }
        }
    }
}
