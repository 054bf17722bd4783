#if NATS
    package import NIOCore

    /// The messages of one subscription that one read from the network brought, in order.
    public struct NATSMessageBatch: Sendable {
        let bytes: ByteBuffer
        var frames: ArraySlice<MessageFrame>
        let client: ClientCore

        init(bytes: ByteBuffer, frames: ArraySlice<MessageFrame>, client: ClientCore) {
            self.bytes = bytes
            self.frames = frames
            self.client = client
        }

        /// Messages that did not come from a connection, for tests of what happens to them.
        package init(bytes: ByteBuffer, frames: [MessageFrame], client: NATSClient) {
            self.init(bytes: bytes, frames: frames[...], client: client.core)
        }

        /// Bytes of payloads and headers.
        public var size: Int { frames.reduce(0) { $0 + $1.size } }
    }

    extension NATSMessageBatch: RandomAccessCollection {
        /// The place of the first message.
        public var startIndex: Int { frames.startIndex }
        /// Behind the last message.
        public var endIndex: Int { frames.endIndex }
        /// The message at a place.
        public subscript(position: Int) -> NATSMessage {
            NATSMessage(bytes: bytes, frame: frames[position], client: client)
        }
    }
#endif
