#if NATS
    public import NIOCore

    /// A message as a stream has it.
    public struct StoredMessage: Sendable {
        /// What it was published to.
        public let subject: NATSSubject
        /// Its sequence in the stream.
        public let sequence: UInt64
        /// When it was stored.
        public let time: JetStreamTime
        /// What it carries.
        public let payload: ByteBuffer
        /// How many messages of a series there are behind it; `nil` if it is not one of a series.
        public let pending: UInt64?
        /// Its headers as they were published, with what a server has added for the way.
        private let headerBytes: ByteBuffer
        /// Whether ``headerBytes`` have what a server has added.
        private let isDirect: Bool

        /// Its headers, read anew at each call. Those that NATS read are there too, such as `Nats-Msg-Id`.
        public var headers: NATSHeaders {
            var headers: NATSHeaders = [:]
            forEachHeader { name, value in
                headers.append(String(decoding: value, as: UTF8.self), for: String(decoding: name, as: UTF8.self))
                return true
            }
            return headers
        }

        /// The id that it was published with.
        public var messageID: String? {
            withHeader("Nats-Msg-Id") { $0.map { String(decoding: $0, as: UTF8.self) } }
        }

        /// The value of a header without reading the others.
        ///
        /// - Parameters:
        ///   - name: the header's name, byte for byte.
        ///   - body: gets the bytes of the value; `nil` if there is no such header.
        package func withHeader<Value>(
            _ name: StaticString, _ body: (UnsafeRawBufferPointer?) throws -> Value
        ) rethrows -> Value {
            try headerBytes.withUnsafeReadableBytes { bytes in try body(HeaderLines.value(of: name, in: bytes)) }
        }

        /// Calls `body` with each header's name and value as bytes, until it answers `false`.
        package func forEachHeader(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool) {
            headerBytes.withUnsafeReadableBytes { bytes in
                HeaderLines.forEach(in: bytes) { name, value in
                    if isDirect, Self.added.contains(where: { name.equals($0) }) { return true }
                    return body(name, value)
                }
            }
        }

        /// What a server adds to a message that is read from a replica.
        private static let added: [StaticString] = [
            "Nats-Stream", "Nats-Subject", "Nats-Sequence", "Nats-Time-Stamp", "Nats-Num-Pending", "Nats-Last-Sequence",
        ]

        /// The bytes of its headers, with what a server has added for the way.
        package func withHeaderBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
            try headerBytes.withUnsafeReadableBytes(body)
        }

        /// The bytes of the payload.
        package func withPayload<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
            try payload.withUnsafeReadableBytes(body)
        }
    }

    extension StoredMessage {
        /// A message as any replica sends it: the message itself, with headers that say which one it is.
        init?(direct message: NATSMessage) {
            var subject: String?
            var sequence: UInt64?
            var time: JetStreamTime?
            var pending: UInt64?
            // What the server adds comes last, behind headers of the same name that somebody may have published.
            message.forEachHeader { name, value in
                if name.equals("Nats-Subject") {
                    subject = String(decoding: value, as: UTF8.self)
                } else if name.equals("Nats-Sequence") {
                    sequence = UInt64(String(decoding: value, as: UTF8.self))
                } else if name.equals("Nats-Time-Stamp") {
                    time = JetStreamTime(parsing: value)
                } else if name.equals("Nats-Num-Pending") {
                    pending = UInt64(String(decoding: value, as: UTF8.self))
                }
                return true
            }
            guard let subject, let sequence, let time else { return nil }
            self.subject = NATSSubject(unchecked: subject)
            self.sequence = sequence
            self.time = time
            self.pending = pending
            payload = message.payload
            headerBytes = message.headerBuffer
            isDirect = true
        }

        /// A message as the leader sends it: as JSON.
        init?(_ members: JSONMembers) {
            guard let subject: String = members["subject"], let sequence: UInt64 = members["seq"],
                let time: JetStreamTime = members["time"],
                let payload = Base64.decode(members["data"] ?? ""), let headers = Base64.decode(members["hdrs"] ?? "")
            else { return nil }
            self.subject = NATSSubject(unchecked: subject)
            self.sequence = sequence
            self.time = time
            self.payload = payload
            pending = nil
            headerBytes = headers
            isDirect = false
        }
    }
#endif
