#if NATS
    /// Messages of a stream, in order, that came together.
    public struct OrderedBatch: Sendable {
        /// The messages as they came.
        package let raw: NATSMessageBatch
        /// Where each of them is in the stream, in the same order.
        package let deliveries: [JetStreamDelivery]

        /// Bytes of payloads and headers.
        public var size: Int { raw.size }
    }

    extension OrderedBatch: RandomAccessCollection {
        /// The place of the first message.
        public var startIndex: Int { 0 }
        /// Behind the last message.
        public var endIndex: Int { deliveries.count }
        /// The message at a place.
        public subscript(position: Int) -> JetStreamMessage {
            JetStreamMessage(raw[raw.startIndex + position], deliveries[position])
        }
    }
#endif
