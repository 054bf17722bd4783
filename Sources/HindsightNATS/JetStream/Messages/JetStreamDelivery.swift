#if NATS
    /// What the server says of a delivery: where the message is in the stream, and how often and when it was delivered.
    public struct JetStreamDelivery: Sendable, Equatable {
        /// The message's sequence in the stream.
        public var streamSequence: UInt64
        /// Which delivery of the consumer it is, from 1, repeated ones included.
        public var consumerSequence: UInt64
        /// How often this message was delivered, from 1.
        public var deliveries: Int
        /// How many messages the consumer had not delivered then.
        public var pending: UInt64
        /// When the message was stored.
        public var time: JetStreamTime

        /// What a server would say.
        public init(
            streamSequence: UInt64, consumerSequence: UInt64, deliveries: Int, pending: UInt64, time: JetStreamTime
        ) {
            self.streamSequence = streamSequence
            self.consumerSequence = consumerSequence
            self.deliveries = deliveries
            self.pending = pending
            self.time = time
        }
    }
#endif
