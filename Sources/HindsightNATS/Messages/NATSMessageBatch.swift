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
            let needed = frames.reduce(0) {
                $0 + $1.size + Int($1.subjectLength) + Int($1.replyLength)
            }
            guard bytes.storageCapacity > 2 * needed + 256 else { return self }
            var copy = ByteBufferAllocator().buffer(capacity: needed)
            var moved: [MessageFrame] = []
            moved.reserveCapacity(frames.count)
            bytes.withUnsafeReadableBytes { all in
                func move(_ start: UInt32, _ length: UInt32) -> UInt32 {
                    let place = UInt32(copy.writerIndex)
                    copy.writeBytes(UnsafeRawBufferPointer(rebasing: all[Int(start)..<Int(start + length)]))
                    return place
                }
                for var frame in frames {
                    frame.subjectStart = move(frame.subjectStart, frame.subjectLength)
                    frame.replyStart = move(frame.replyStart, frame.replyLength)
                    frame.headersStart = move(frame.headersStart, frame.headersLength)
                    frame.payloadStart = move(frame.payloadStart, frame.payloadLength)
                    moved.append(frame)
                }
            }
            return Self(bytes: copy, frames: moved[...], client: client)
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

        /// The message at a place that is counted from the first one.
        subscript(offset offset: Int) -> NATSMessage { self[frames.startIndex + offset] }
    }
#endif
