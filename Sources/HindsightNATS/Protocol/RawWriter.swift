#if NATS
    /// Writes into memory that is known to be large enough.
    struct RawWriter {
        /// The length of a request's token: 60 bits, five in each byte.
        static let tokenLength = 12

        private let target: UnsafeMutableRawBufferPointer
        private(set) var count = 0

        init(_ target: UnsafeMutableRawBufferPointer) {
            self.target = target
        }

        mutating func write(_ byte: UInt8) {
            target[count] = byte
            count += 1
        }

        mutating func write(_ text: StaticString) {
            write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }

        mutating func write(_ text: String) {
            let done: Void? = text.utf8.withContiguousStorageIfAvailable { write(UnsafeRawBufferPointer($0)) }
            if done == nil {
                for byte in text.utf8 { write(byte) }
            }
        }

        mutating func write(_ bytes: UnsafeRawBufferPointer) {
            guard bytes.count > 0 else { return }
            UnsafeMutableRawBufferPointer(rebasing: target[count..<(count + bytes.count)]).copyMemory(from: bytes)
            count += bytes.count
        }

        mutating func write(decimal value: Int) {
            var rest = value
            var length = 1
            while rest >= 10 {
                rest /= 10
                length += 1
            }
            rest = value
            var position = count + length
            count = position
            repeat {
                position -= 1
                target[position] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
        }

        /// Writes the token of a request, always of the same length.
        mutating func write(token: UInt64) {
            var rest = token
            for _ in 0..<Self.tokenLength {
                let digit = UInt8(rest & 31)
                write(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
                rest >>= 5
            }
        }

        /// The token at the end of a subject, which has at least that many bytes.
        static func token(atEndOf subject: UnsafeRawBufferPointer) -> UInt64? {
            guard subject.count >= tokenLength else { return nil }
            var token: UInt64 = 0
            for byte in subject.suffix(tokenLength).reversed() {
                let digit: UInt8
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
                case UInt8(ascii: "a")...UInt8(ascii: "v"): digit = byte - UInt8(ascii: "a") + 10
                default: return nil
                }
                token = token << 5 | UInt64(digit)
            }
            return token
        }
    }
#endif
