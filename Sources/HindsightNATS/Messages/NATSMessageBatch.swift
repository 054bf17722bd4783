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

        /// The same messages without what else the read brought, if that is most of it: what is kept for a slow reader takes
        /// about as much memory as its limit says.
        func compacted() -> Self {
            let needed = frames.reduce(0) { $0 + $1.span.count }
            guard bytes.storageCapacity > 2 * needed + 256 else { return self }
            var copy = ByteBufferAllocator().buffer(capacity: needed + Self.gap * frames.count)
            var moved = Array(frames)
            bytes.withUnsafeReadableBytes { all in
                var first = 0
                while first < moved.count {
                    // Messages that follow each other are copied in one go, with the few bytes between them.
                    var range = moved[first].span
                    var next = first + 1
                    while next < moved.count, case let span = moved[next].span, span.lowerBound >= range.upperBound,
                        span.lowerBound - range.upperBound <= Self.gap
                    {
                        range = range.lowerBound..<span.upperBound
                        next += 1
                    }
                    let shift = copy.writerIndex - range.lowerBound
                    copy.writeBytes(UnsafeRawBufferPointer(rebasing: all[range]))
                    for index in first..<next { moved[index].move(by: shift) }
                    first = next
                }
            }
            return Self(bytes: copy, frames: moved[...], client: client)
        }

        /// How many bytes may lie between two messages that follow each other: a line's end, and the operation's name.
        private static let gap = 16

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

        /// The message at a place that is counted from the first one.
        subscript(offset offset: Int) -> NATSMessage { self[frames.startIndex + offset] }
    }
#endif
