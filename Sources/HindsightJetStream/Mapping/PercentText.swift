#if NATS
    /// Text in a header: bytes that a header cannot carry, or that would be lost at its ends, become `%XX`.
    package enum PercentText {
        private static let digits = Array("0123456789ABCDEF".utf8)

        package static func append(_ byte: UInt8, to bytes: inout [UInt8]) {
            bytes.append(UInt8(ascii: "%"))
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }

        /// The byte that `%XX` at a place stands for.
        package static func value(in text: UnsafeRawBufferPointer, at position: Int) -> UInt8? {
            guard position + 2 < text.count, text[position] == UInt8(ascii: "%"), let high = digit(text[position + 1]),
                let low = digit(text[position + 2])
            else { return nil }
            return high << 4 | low
        }

        private static func digit(_ byte: UInt8) -> UInt8? {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
            default: nil
            }
        }

        /// White space and control characters are encoded, letters of any language are not.
        private static func isPlain(_ byte: UInt8) -> Bool {
            byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: "%")
        }

        package static func encode(_ text: String) -> String {
            if text.utf8.allSatisfy(isPlain) { return text }
            var bytes: [UInt8] = []
            for byte in text.utf8 {
                if isPlain(byte) { bytes.append(byte) } else { append(byte, to: &bytes) }
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        /// The text; `nil` if a `%` is not followed by two digits, or it is no UTF-8.
        package static func decode(_ text: UnsafeRawBufferPointer) -> String? {
            guard text.contains(UInt8(ascii: "%")) else { return String(validating: text, as: UTF8.self) }
            var bytes: [UInt8] = []
            var position = 0
            while position < text.count {
                if text[position] == UInt8(ascii: "%") {
                    guard let value = value(in: text, at: position) else { return nil }
                    bytes.append(value)
                    position += 3
                } else {
                    bytes.append(text[position])
                    position += 1
                }
            }
            return String(validating: bytes, as: UTF8.self)
        }
    }
#endif
