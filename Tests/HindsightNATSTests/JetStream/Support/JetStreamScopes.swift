#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import NIOCore
    import Testing

    /// Runs `body` with JetStream over a client of its own, on the server that all tests share or on another one.
    func withJetStream<Value: Sendable>(
        on server: NATSTestServer? = nil, _ body: (JetStream) async throws -> Value
    ) async throws -> Value {
        let url = if let server { server.url } else { try await NATSTestServer.shared().url }
        var configuration = NATSConfiguration()
        configuration.servers = [url]
        configuration.reconnectBackoff.longest = .milliseconds(100)
        return try await NATSClient.withClient(configuration, logger: quiet) { client in
            try await body(JetStream(client))
        }
    }

    extension JetStream {
        /// Creates a stream that no other test has, in memory, which stores `NAME.>`.
        func makeStream(_ change: (inout StreamConfiguration) -> Void = { _ in }) async throws -> String {
            let name = NATSTestServer.uniqueName("S")
            var configuration = StreamConfiguration(name: name, subjects: ["\(name).>"])
            configuration.storage = .memory
            configuration.allowsDirectReads = true
            configuration.allowsBatches = true
            change(&configuration)
            _ = try await createStream(configuration)
            return name
        }

        /// Stores so many messages on `STREAM.0`, `STREAM.1` and so on, whose payload is their number from 1.
        func fill(_ stream: String, with count: Int, subjects: Int = 1, from first: Int = 1) async throws {
            try await withPublisher { publisher in
                for number in first..<(first + count) {
                    try await publisher.publish("\(number)".utf8, to: "\(stream).\(number % subjects)")
                }
            }
        }
    }

    /// The configuration of a durable consumer named `c`.
    func durable(_ change: (inout ConsumerConfiguration) -> Void) -> ConsumerConfiguration {
        var configuration = ConsumerConfiguration.durable("c")
        change(&configuration)
        return configuration
    }

    extension JetStreamMessage {
        /// The payload as text.
        var text: String { String(buffer: payload) }
    }

    extension StoredMessage {
        /// The payload as text.
        var text: String { String(buffer: payload) }
    }

    /// Runs `body` and returns the error that it throws.
    func failure(of body: () async throws -> Void) async -> JetStreamError? {
        do {
            try await body()
            Issue.record("no error was thrown")
            return nil
        } catch {
            return error as? JetStreamError
        }
    }
#endif
