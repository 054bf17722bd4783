#if NATS
    import NIOCore

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

    extension OrderedBatch {
        /// The bytes of a message, for as long as they are looked at.
        package struct Parts {
            /// Where the message is in the stream.
            package let delivery: JetStreamDelivery
            package let subject: UnsafeRawBufferPointer
            package let headers: UnsafeRawBufferPointer
            package let payload: UnsafeRawBufferPointer
        }

        /// Goes through the bytes of the messages in order. A message that is taken out counts two references and gives them back,
        /// which takes as long as reading its subject.
        ///
        /// - Parameters:
        ///   - first: where to begin. Defaults to the first message.
        ///   - body: called with one message after the other; it answers whether to go on.
        package func forEachParts(from first: Int = 0, _ body: (Parts) throws -> Bool) rethrows {
            try raw.bytes.withUnsafeReadableBytes { bytes in
                for index in first..<deliveries.count {
                    let frame = raw.frames[raw.frames.startIndex + index]
                    let parts = Parts(
                        delivery: deliveries[index], subject: frame.subject(in: bytes),
                        headers: frame.headers(in: bytes), payload: frame.payload(in: bytes))
                    guard try body(parts) else { return }
                }
            }
        }
    }
#endif
