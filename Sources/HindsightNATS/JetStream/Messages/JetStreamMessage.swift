#if NATS
    public import NIOCore

    /// A message of a stream that a consumer delivered.
    ///
    /// It keeps what one read from the network brought until it is let go, up to 256 KiB, often with other messages.
    public struct JetStreamMessage: Sendable {
        /// The message itself.
        package let message: NATSMessage
        /// Where it is in the stream, and how often it was delivered.
        public let delivery: JetStreamDelivery

        init(_ message: NATSMessage, _ delivery: JetStreamDelivery) {
            self.message = message
            self.delivery = delivery
        }

        /// What it was published to.
        public var subject: NATSSubject { message.subject }
        /// Its headers, read anew at each call.
        public var headers: NATSHeaders { message.headers }
        /// What it carries, without a copy.
        public var payload: ByteBuffer { message.payload }
        /// The id that it was published with.
        public var messageID: String? {
            message.withHeader("Nats-Msg-Id") { $0.map { String(decoding: $0, as: UTF8.self) } }
        }
        /// The stream that it is from.
        public var stream: String { name(\.stream) }
        /// The consumer that delivered it.
        public var consumer: String { name(\.consumer) }

        private func name(_ part: KeyPath<AckSubject, Range<Int>>) -> String {
            message.withReply { bytes in
                guard let subject = AckSubject(parsing: bytes) else { return "" }
                return String(decoding: bytes[subject[keyPath: part]], as: UTF8.self)
            }
        }
    }
#endif
