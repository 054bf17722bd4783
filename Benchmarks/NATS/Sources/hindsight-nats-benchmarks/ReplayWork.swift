import HindsightNATS

/// Reads the messages of a stream in order, from its beginning.
struct ReplayWork {
    let client: NATSClient
    let count: Int

    func run(readingHeaders: Bool) async throws {
        let messages = try JetStream(client).ordered(on: Work.replayed)
        defer { messages.stop() }
        var received = 0
        for try await message in messages {
            received += 1
            guard message.delivery.streamSequence == received else {
                throw BenchmarkError("message \(received) has the place \(message.delivery.streamSequence)")
            }
            if readingHeaders {
                let headers = message.headers
                guard headers["Id"] != nil, headers["Version"] != nil, headers["Type"] != nil else {
                    throw BenchmarkError("message \(received) lacks a header")
                }
            }
            if received == count { break }
        }
        guard received == count else { throw BenchmarkError("\(received) messages of \(count) came") }
    }
}
