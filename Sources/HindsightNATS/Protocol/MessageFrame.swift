#if NATS
    /// Where the parts of a message lie in the bytes of a read, counted from the start of its readable bytes.
    package struct MessageFrame: Equatable, Sendable {
        package var subscription: UInt64 = 0
        package var subjectStart: UInt32 = 0
        package var subjectLength: UInt32 = 0
        package var replyStart: UInt32 = 0
        /// 0: the message names no subject to answer to.
        package var replyLength: UInt32 = 0
        package var headersStart: UInt32 = 0
        /// 0: the message has no headers.
        package var headersLength: UInt32 = 0
        package var payloadStart: UInt32 = 0
        package var payloadLength: UInt32 = 0

        package init() {}

        /// The bytes that count for limits.
        package var size: Int { Int(headersLength) + Int(payloadLength) }
    }
#endif
