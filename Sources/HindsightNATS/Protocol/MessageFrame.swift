#if NATS
    /// Where the parts of a message lie in the bytes of a read, counted from the start of its readable bytes.
    struct MessageFrame: Equatable, Sendable {
        var subscription: UInt64 = 0
        var subjectStart: UInt32 = 0
        var subjectLength: UInt32 = 0
        var replyStart: UInt32 = 0
        /// 0: the message names no subject to answer to.
        var replyLength: UInt32 = 0
        var headersStart: UInt32 = 0
        /// 0: the message has no headers.
        var headersLength: UInt32 = 0
        var payloadStart: UInt32 = 0
        var payloadLength: UInt32 = 0

        /// The bytes that count for limits.
        var size: Int { Int(headersLength) + Int(payloadLength) }
    }
#endif
