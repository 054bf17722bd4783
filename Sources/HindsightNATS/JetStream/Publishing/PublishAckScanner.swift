#if NATS
    /// Reads the ack of a publish, one of the two things that happen for every message. A general parser of JSON takes longer than
    /// all the rest.
    ///
    /// It is exact: white space may be anywhere, members that it does not know are passed over, and what is not such an object,
    /// or is an error, is left to the general parser.
    package struct PublishAckScanner {
        private let bytes: UnsafeRawBufferPointer
        private var position = 0

        private init(_ bytes: UnsafeRawBufferPointer) {
            self.bytes = bytes
        }

        /// The ack; `nil` if the bytes are anything else.
        package static func ack(in bytes: UnsafeRawBufferPointer) -> PublishAck? {
            var scanner = PublishAckScanner(bytes)
            return scanner.ack()
        }

        private mutating func ack() -> PublishAck? {
            var stream: String?
            var sequence: UInt64?
            var ack = PublishAck(stream: "", sequence: 0)
            guard take(UInt8(ascii: "{")) else { return nil }
            if !take(UInt8(ascii: "}")) {
                repeat {
                    guard let name = plainString(), take(UInt8(ascii: ":")) else { return nil }
                    if name.elementsEqual("stream".utf8) {
                        guard let value = plainString() else { return nil }
                        stream = String(decoding: value, as: UTF8.self)
                    } else if name.elementsEqual("seq".utf8) {
                        guard let value = number() else { return nil }
                        sequence = value
                    } else if name.elementsEqual("duplicate".utf8) {
                        guard let value = flag() else { return nil }
                        ack.isDuplicate = value
                    } else if name.elementsEqual("domain".utf8) {
                        guard let value = plainString() else { return nil }
                        ack.domain = String(decoding: value, as: UTF8.self)
                    } else if name.elementsEqual("batch".utf8) {
                        guard let value = plainString() else { return nil }
                        ack.batchID = String(decoding: value, as: UTF8.self)
                    } else if name.elementsEqual("count".utf8) {
                        guard let value = number() else { return nil }
                        ack.batchCount = Int(clamping: value)
                    } else {
                        guard !name.elementsEqual("error".utf8), skipValue(depth: 0) else { return nil }
                    }
                } while take(UInt8(ascii: ","))
                guard take(UInt8(ascii: "}")) else { return nil }
            }
            skipSpace()
            guard position == bytes.count, let stream, let sequence, sequence > 0 else { return nil }
            ack.stream = stream
            ack.sequence = sequence
            return ack
        }

        private mutating func skipSpace() {
            while position < bytes.count {
                switch bytes[position] {
                case 0x20, 0x09, 0x0A, 0x0D: position += 1
                default: return
                }
            }
        }

        /// Passes white space and the byte, if that is next.
        private mutating func take(_ byte: UInt8) -> Bool {
            skipSpace()
            guard position < bytes.count, bytes[position] == byte else { return false }
            position += 1
            return true
        }

        /// A string that means what it looks like.
        private mutating func plainString() -> Slice<UnsafeRawBufferPointer>? {
            guard take(UInt8(ascii: "\"")) else { return nil }
            let start = position
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    position += 1
                    return bytes[start..<(position - 1)]
                case UInt8(ascii: "\\"), 0..<0x20: return nil
                default: position += 1
                }
            }
            return nil
        }

        private mutating func number() -> UInt64? {
            skipSpace()
            let start = position
            var value: UInt64 = 0
            while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit <= 9 {
                let (product, overflows) = value.multipliedReportingOverflow(by: 10)
                let (sum, overflowsToo) = product.addingReportingOverflow(UInt64(digit))
                guard !overflows, !overflowsToo else { return nil }
                value = sum
                position += 1
            }
            guard position > start else { return nil }
            // A number with a zero before it is no JSON, and one with a fraction or an exponent no sequence.
            if position - start > 1, bytes[start] == UInt8(ascii: "0") { return nil }
            guard position < bytes.count else { return nil }
            switch bytes[position] {
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): return nil
            default: return value
            }
        }

        private mutating func word(_ word: StaticString) -> Bool {
            let length = word.utf8CodeUnitCount
            guard position + length <= bytes.count else { return false }
            for index in 0..<length where bytes[position + index] != word.utf8Start[index] { return false }
            position += length
            return true
        }

        private mutating func flag() -> Bool? {
            skipSpace()
            if word("true") { return true }
            return word("false") ? false : nil
        }

        /// Passes a value of any kind.
        private mutating func skipValue(depth: Int) -> Bool {
            skipSpace()
            guard position < bytes.count, depth < 16 else { return false }
            switch bytes[position] {
            case UInt8(ascii: "\""): return skipString()
            case UInt8(ascii: "{"):
                position += 1
                if take(UInt8(ascii: "}")) { return true }
                repeat {
                    skipSpace()
                    guard position < bytes.count, bytes[position] == UInt8(ascii: "\""), skipString(),
                        take(UInt8(ascii: ":")), skipValue(depth: depth + 1)
                    else { return false }
                } while take(UInt8(ascii: ","))
                return take(UInt8(ascii: "}"))
            case UInt8(ascii: "["):
                position += 1
                if take(UInt8(ascii: "]")) { return true }
                repeat {
                    guard skipValue(depth: depth + 1) else { return false }
                } while take(UInt8(ascii: ","))
                return take(UInt8(ascii: "]"))
            case UInt8(ascii: "t"): return word("true")
            case UInt8(ascii: "f"): return word("false")
            case UInt8(ascii: "n"): return word("null")
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                position += 1
                while position < bytes.count {
                    switch bytes[position] {
                    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
                        UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
                        position += 1
                    default: return true
                    }
                }
                return true
            default: return false
            }
        }

        private mutating func skipString() -> Bool {
            position += 1
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    position += 1
                    return true
                case UInt8(ascii: "\\"): position += 2
                default: position += 1
                }
            }
            return false
        }
    }
#endif
