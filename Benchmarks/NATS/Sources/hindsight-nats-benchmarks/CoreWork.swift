import HindsightNATS

/// Publishes messages and receives them, over one connection.
struct CoreWork {
    let client: NATSClient
    let count: Int

    func run() async throws {
        var options = NATSSubscriptionOptions()
        (options.pendingMessages, options.pendingBytes) = (.max, .max)
        let subscription = try client.subscribe(to: "core.orders", options: options)
        try await client.flush()
        async let publishing: Void = publish()
        var (received, bytes) = (0, 0)
        for await message in subscription {
            bytes += message.size
            received += 1
            if received == count { break }
        }
        try await publishing
        guard received == count, bytes == count * Work.payload.count else {
            throw BenchmarkError("\(received) messages of \(count) came, with \(bytes) bytes")
        }
    }

    private func publish() async throws {
        let subject: NATSSubject = "core.orders"
        for _ in 0..<count { try await client.publish(Work.payload, to: subject) }
    }
}
