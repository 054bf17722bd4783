#if NATS
    /// The subject to which a message is acknowledged, which says where the message is.
    ///
    /// It is `$JS.ACK.STREAM.CONSUMER.DELIVERIES.STREAMSEQUENCE.CONSUMERSEQUENCE.TIME.PENDING`, or, with a domain, has the domain
    /// and a hash of the account before the stream, and perhaps more tokens at the end.
    ///
    /// Source: <https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md>
    package struct AckSubject: Equatable {
        /// Where the name of the stream is in the bytes.
        package var stream: Range<Int>
        /// Where the name of the consumer is.
        package var consumer: Range<Int>
        /// What the rest says.
        package var delivery: JetStreamDelivery

        /// The parts of a subject; `nil` if it is none of JetStream's.
        package init?(parsing bytes: UnsafeRawBufferPointer) {
            guard bytes.count > 8, bytes[0] == UInt8(ascii: "$"), bytes[1] == UInt8(ascii: "J"),
                bytes[2] == UInt8(ascii: "S"), bytes[3] == UInt8(ascii: "."), bytes[4] == UInt8(ascii: "A"),
                bytes[5] == UInt8(ascii: "C"), bytes[6] == UInt8(ascii: "K"), bytes[7] == UInt8(ascii: ".")
            else { return nil }
            let dots = bytes.reduce(into: 0) { $0 += $1 == UInt8(ascii: ".") ? 1 : 0 }
            var position = 8
            switch dots {
            case 8: break
            case 10...:
                // The domain and the account.
                for _ in 0..<2 { position = Self.token(bytes, position).upperBound + 1 }
            default: return nil
            }
            stream = Self.token(bytes, position)
            consumer = Self.token(bytes, stream.upperBound + 1)
            guard let delivery = Self.delivery(bytes, from: consumer.upperBound + 1) else { return nil }
            self.delivery = delivery
        }

        /// What the part behind the consumer's name says.
        package static func delivery(_ bytes: UnsafeRawBufferPointer, from start: Int) -> JetStreamDelivery? {
            var position = start
            guard let deliveries = number(bytes, &position), let streamSequence = number(bytes, &position),
                let consumerSequence = number(bytes, &position), let time = number(bytes, &position),
                let pending = number(bytes, &position)
            else { return nil }
            return JetStreamDelivery(
                streamSequence: streamSequence, consumerSequence: consumerSequence,
                deliveries: Int(clamping: deliveries),
                pending: pending, time: JetStreamTime(nanoseconds: Int64(clamping: time)))
        }

        private static func token(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Range<Int> {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: ".") { end += 1 }
            return start..<end
        }

        /// A token that is a number, and the dot behind it.
        private static func number(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> UInt64? {
            let start = position
            var value: UInt64 = 0
            while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit <= 9 {
                value = value &* 10 &+ UInt64(digit)
                position += 1
            }
            // 19 digits are always less than 2^64.
            guard position > start, position - start <= 19 else { return nil }
            guard position < bytes.count else { return value }
            guard bytes[position] == UInt8(ascii: ".") else { return nil }
            position += 1
            return value
        }
    }
#endif
