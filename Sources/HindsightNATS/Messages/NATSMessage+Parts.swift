#if NATS
    import NIOCore

    extension NATSMessage {
        /// The bytes of subject, headers and payload; a message without headers has none of them.
        package func withParts<Value>(
            _ body: (
                _ subject: UnsafeRawBufferPointer, _ headers: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer
            ) throws -> Value
        ) rethrows -> Value {
            try bytes.withUnsafeReadableBytes { all in
                try body(frame.subject(in: all), frame.headers(in: all), frame.payload(in: all))
            }
        }
    }
#endif
