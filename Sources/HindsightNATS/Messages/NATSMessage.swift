#if NATS
    public import NIOCore

    /// A message that was received.
    ///
    /// It keeps what one read from the network brought until it is let go, up to 256 KiB, often with other messages. Copy the
    /// payload if a few messages are to be kept for long.
    public struct NATSMessage: Sendable {
        let bytes: ByteBuffer
        let frame: MessageFrame
        let client: ClientCore

        /// The subject that it was published to.
        public var subject: NATSSubject {
            NATSSubject(unchecked: withSubject { String(decoding: $0, as: UTF8.self) })
        }

        /// Where an answer is expected; `nil` if none is.
        public var reply: NATSSubject? {
            frame.replyLength == 0 ? nil : NATSSubject(unchecked: withReply { String(decoding: $0, as: UTF8.self) })
        }

        /// Its headers, read anew at each call.
        public var headers: NATSHeaders {
            guard frame.headersLength > 0 else { return [:] }
            return withHeaderBytes { NATSHeaders(parsing: $0) }
        }

        /// The status that a server put into it; `nil` for a message that somebody published.
        public var status: NATSStatus? {
            guard frame.headersLength > 0 else { return nil }
            return withHeaderBytes { NATSStatus(parsing: $0) }
        }

        /// What it carries, without a copy.
        public var payload: ByteBuffer {
            bytes.getSlice(at: bytes.readerIndex + Int(frame.payloadStart), length: Int(frame.payloadLength))
                ?? ByteBuffer()
        }

        /// What it carries as text, in which bytes that are no UTF-8 are replaced.
        public var text: String { withPayload { String(decoding: $0, as: UTF8.self) } }

        /// Bytes of payload and headers.
        public var size: Int { frame.size }

        /// Answers it.
        ///
        /// - Parameters:
        ///   - payload: the answer.
        ///   - headers: its headers.
        /// - Throws: ``NATSError``; ``NATSError/Code/invalidSubject`` if no answer is expected.
        public func respond(_ payload: some Collection<UInt8>, headers: NATSHeaders = [:]) async throws(NATSError) {
            guard let reply else {
                throw NATSError(.invalidSubject, "the message on \(subject) names no subject to answer to")
            }
            try await client.publish(payload, to: reply, reply: .none, headers: headers)
        }

        /// The value of a header without reading the others.
        ///
        /// - Parameters:
        ///   - name: the header's name, byte for byte.
        ///   - body: gets the bytes of the value, without white space around it; `nil` if there is no such header.
        package func withHeader<Value>(
            _ name: StaticString, _ body: (UnsafeRawBufferPointer?) throws -> Value
        ) rethrows -> Value {
            guard frame.headersLength > 0 else { return try body(nil) }
            return try withHeaderBytes { try body(HeaderLines.value(of: name, in: $0)) }
        }

        /// Calls `body` with each header's name and value as bytes, until it answers `false`.
        package func forEachHeader(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool) {
            guard frame.headersLength > 0 else { return }
            withHeaderBytes { HeaderLines.forEach(in: $0, body) }
        }

        /// The bytes of the payload.
        package func withPayload<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
            try bytes.withUnsafeReadableBytes { try body(frame.payload(in: $0)) }
        }

        /// The bytes of the subject.
        package func withSubject<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
            try bytes.withUnsafeReadableBytes { try body(frame.subject(in: $0)) }
        }

        /// The bytes of the subject to answer to, none if there is none.
        package func withReply<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
            try bytes.withUnsafeReadableBytes { try body(frame.reply(in: $0)) }
        }

        /// The number in a header; `nil` if there is none.
        func number(of name: StaticString) -> UInt64? {
            withHeader(name) { $0.flatMap { UInt64(String(decoding: $0, as: UTF8.self)) } }
        }

        /// The bytes of its headers, with the line before and the empty one behind them.
        var headerBuffer: ByteBuffer {
            bytes.getSlice(at: bytes.readerIndex + Int(frame.headersStart), length: Int(frame.headersLength))
                ?? ByteBuffer()
        }

        /// The bytes of its headers, none if it has none.
        package func withHeaderBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
            try bytes.withUnsafeReadableBytes { try body(frame.headers(in: $0)) }
        }
    }
#endif
