#if NATS
    /// A consumer of a stream, whose messages can be read. A cheap value: several may read one, and share its messages.
    public struct Consumer: Sendable {
        let jetStream: JetStream
        /// Its stream.
        public let stream: String
        /// Its name.
        public let name: String

        /// A consumer that is known to be there. No server is asked.
        public init(_ jetStream: JetStream, stream: String, name: String) {
            self.jetStream = jetStream
            self.stream = stream
            self.name = name
        }

        /// What the server says of it.
        ///
        /// - Throws: ``JetStreamError``: `consumerNotFound`, `unavailable`.
        public func info() async throws(JetStreamError) -> ConsumerInfo {
            try await jetStream.consumerInfo(name, on: stream)
        }

        /// Where it is asked for messages.
        var nextSubject: NATSSubject { NATSSubject("\(jetStream.prefix)CONSUMER.MSG.NEXT.\(stream).\(name)") }
    }
#endif
