#if NATS
    import NIOCore

    extension NATSMessage {
        /// The bytes of subject, headers and payload; a message without headers has none of them.
        package func withParts<Value>(
            _ body: (
                _ subject: UnsafeRawBufferPointer, _ headers: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer
            ) throws -> Value
        ) rethrows -> Value {
            func part(_ all: UnsafeRawBufferPointer, _ start: UInt32, _ length: UInt32) -> UnsafeRawBufferPointer {
                UnsafeRawBufferPointer(rebasing: all[Int(start)..<Int(start + length)])
            }
            return try bytes.withUnsafeReadableBytes { all in
                try body(
                    part(all, frame.subjectStart, frame.subjectLength),
                    part(all, frame.headersStart, frame.headersLength),
                    part(all, frame.payloadStart, frame.payloadLength))
            }
        }
    }
#endif
