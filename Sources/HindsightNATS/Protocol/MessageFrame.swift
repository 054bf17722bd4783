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

    extension MessageFrame {
        /// The subject in the bytes of the read.
        func subject(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
            Self.part(of: bytes, subjectStart, subjectLength)
        }

        /// The subject to answer to, empty if there is none.
        func reply(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
            Self.part(of: bytes, replyStart, replyLength)
        }

        /// The headers, empty if there are none.
        func headers(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
            Self.part(of: bytes, headersStart, headersLength)
        }

        /// What the message carries.
        func payload(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
            Self.part(of: bytes, payloadStart, payloadLength)
        }

        private static func part(
            of bytes: UnsafeRawBufferPointer, _ start: UInt32, _ length: UInt32
        ) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: bytes[Int(start)..<Int(start + length)])
        }

        /// Where its parts lie, and what is between them.
        var span: Range<Int> {
            var (lower, upper) = (UInt32.max, UInt32.min)
            func include(_ start: UInt32, _ length: UInt32) {
                guard length > 0 else { return }
                lower = min(lower, start)
                upper = max(upper, start + length)
            }
            include(subjectStart, subjectLength)
            include(replyStart, replyLength)
            include(headersStart, headersLength)
            include(payloadStart, payloadLength)
            return lower < upper ? Int(lower)..<Int(upper) : 0..<0
        }

        /// Its parts lie elsewhere, as many bytes further on.
        mutating func move(by shift: Int) {
            func moved(_ start: UInt32, _ length: UInt32) -> UInt32 {
                length > 0 ? UInt32(Int(start) + shift) : 0
            }
            subjectStart = moved(subjectStart, subjectLength)
            replyStart = moved(replyStart, replyLength)
            headersStart = moved(headersStart, headersLength)
            payloadStart = moved(payloadStart, payloadLength)
        }
    }
#endif
