#if NATS
    import NIOCore

    /// Streams, consumers, and messages that are stored: NATS with acknowledgements.
    ///
    /// It is a cheap value: make as many as you like, with settings of their own.
    ///
    /// ```swift
    /// let jetStream = JetStream(client)
    /// _ = try await jetStream.createStream(StreamConfiguration(name: "ORDERS", subjects: ["orders.>"]))
    /// let ack = try await jetStream.publish("7".utf8, to: "orders.placed", options: .init(messageID: "7"))
    /// for try await message in try jetStream.ordered(on: "ORDERS") {
    ///     print(message.delivery.streamSequence, message.subject)
    /// }
    /// ```
    ///
    /// Source: <https://docs.nats.io/reference/reference-protocols/nats_api_reference>
    public struct JetStream: Sendable {
        /// The connection.
        public let client: NATSClient
        /// How long one answer may take. Defaults to 5 seconds.
        public var timeout: Duration
        /// For how long something is asked again while nobody answers for a stream, as when its servers elect a leader. Defaults
        /// to 15 seconds. With `.zero` that is ``JetStreamError/Code/unavailable`` at once. It is safe for everything: what got
        /// such an answer was not stored.
        public var patience: Duration
        /// What the subjects of requests begin with, with a dot at the end.
        let prefix: String

        /// JetStream over a connection.
        ///
        /// - Parameters:
        ///   - client: the connection.
        ///   - domain: the JetStream domain; `nil` for the one that the server belongs to.
        ///   - timeout: how long one answer may take.
        ///   - patience: for how long something is asked again while nobody answers.
        public init(
            _ client: NATSClient, domain: String? = nil, timeout: Duration = .seconds(5),
            patience: Duration = .seconds(15)
        ) {
            self.client = client
            self.timeout = timeout
            self.patience = patience
            prefix = domain.map { "$JS.\($0).API." } ?? "$JS.API."
        }

        var core: ClientCore { client.core }
    }
#endif
