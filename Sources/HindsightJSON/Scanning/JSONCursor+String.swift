extension JSONCursor {
    /// What a string holds that its reader has to know.
    struct StringFeatures: OptionSet {
        let rawValue: UInt8

        /// At least one backslash.
        static let escapes = StringFeatures(rawValue: 1)
        /// At least one character beyond ASCII.
        static let nonASCII = StringFeatures(rawValue: 2)
    }

    /// Moves past a string, of which the next byte is the opening quote, and checks it.
    @inline(__always)
    mutating func takeString() throws(JSONError) -> StringFeatures {
        next += 1
        var features: StringFeatures = []
        while true {
            skipPlainBytes()
            guard next < end else { throw JSONError(.unexpectedEnd, at: offset) }
            let byte = next.pointee
            if byte == UInt8(ascii: "\"") {
                next += 1
                return features
            }
            if byte == UInt8(ascii: "\\") {
                features.insert(.escapes)
                try takeEscape()
            } else if byte >= 0x80 {
                features.insert(.nonASCII)
                try takeMultibyteCharacter()
            } else {
                throw JSONError(.controlCharacter, at: offset)
            }
        }
    }

    /// Moves to the next quote, backslash, control character or byte beyond ASCII, eight bytes at a time.
    @inline(__always)
    private mutating func skipPlainBytes() {
        while end - next >= 8 {
            let special = Self.specialBytes(in: UnsafeRawPointer(next).loadUnaligned(as: UInt64.self))
            if special != 0 {
                next += special.trailingZeroBitCount &>> 3
                return
            }
            next += 8
        }
        while next < end {
            let byte = next.pointee
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 || byte >= 0x80 { return }
            next += 1
        }
    }

    /// Where a string ends that goes on here, if it holds nothing but ASCII characters without escapes; nil if anything
    /// else comes before its closing quote, or the end of the bytes.
    @inline(__always)
    func endOfPlainString(_ content: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
        var next = content
        while end - next >= 8 {
            let special = Self.specialBytes(in: UnsafeRawPointer(next).loadUnaligned(as: UInt64.self))
            if special != 0 {
                next += special.trailingZeroBitCount &>> 3
                return next.pointee == UInt8(ascii: "\"") ? next : nil
            }
            next += 8
        }
        let rest = end - next
        guard rest > 0, end - start >= 8 else { return nil }
        // The last eight bytes, without those before: the zeros that take their place are control characters, too.
        let last = UInt64(littleEndian: UnsafeRawPointer(end - 8).loadUnaligned(as: UInt64.self))
        let special = Self.specialBytes(in: (last &>> UInt64(truncatingIfNeeded: (8 &- rest) &* 8)).littleEndian)
        let offset = special.trailingZeroBitCount &>> 3
        return offset < rest && next[offset] == UInt8(ascii: "\"") ? next + offset : nil
    }

    /// The lowest set bit is the top bit of the first quote, backslash, control character or byte beyond ASCII; 0 if
    /// there is none.
    ///
    /// - Parameter bytes: eight bytes as they are in memory.
    @inline(__always)
    private static func specialBytes(in bytes: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let word = UInt64(littleEndian: bytes)
        // The top bit of a byte is set in the first two if the byte was the one looked for, in the third if it was
        // under 0x20. A borrow can set it wrongly, but only above a byte where it is set rightly.
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        return ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | (word &- ones &* 0x20) | word)
            & (ones &* 0x80)
    }

    /// Moves past an escape. The digits of `\u` are checked, pairs of surrogates are not: RFC 8259 permits half of one.
    private mutating func takeEscape() throws(JSONError) {
        guard end - next >= 2 else { throw JSONError(.unexpectedEnd, at: end - start) }
        switch next[1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            next += 2
        case UInt8(ascii: "u"):
            for index in 2..<6 {
                guard next + index < end else { throw JSONError(.unexpectedEnd, at: end - start) }
                guard hexadecimalDigit(next[index]) != nil else { throw JSONError(.invalidEscape, at: offset) }
            }
            next += 6
        default:
            throw JSONError(.invalidEscape, at: offset)
        }
    }

    /// Moves past one character beyond ASCII: RFC 3629, section 4.
    private mutating func takeMultibyteCharacter() throws(JSONError) {
        let lead = next.pointee
        let length: Int
        // The second byte's range keeps out what is too long, surrogates, and what is beyond U+10FFFF.
        var second: ClosedRange<UInt8> = 0x80...0xbf
        switch lead {
        case 0xc2...0xdf: length = 2
        case 0xe0:
            length = 3
            second = 0xa0...0xbf
        case 0xed:
            length = 3
            second = 0x80...0x9f
        case 0xe1...0xef: length = 3
        case 0xf0:
            length = 4
            second = 0x90...0xbf
        case 0xf4:
            length = 4
            second = 0x80...0x8f
        case 0xf1...0xf3: length = 4
        default: throw JSONError(.invalidUTF8, at: offset)
        }
        for index in 1..<length {
            guard next + index < end else { throw JSONError(.unexpectedEnd, at: end - start) }
            guard (index == 1 ? second : 0x80...0xbf).contains(next[index]) else {
                throw JSONError(.invalidUTF8, at: offset)
            }
        }
        next += length
    }
}

/// The value of a hexadecimal digit; nil for anything else.
func hexadecimalDigit(_ byte: UInt8) -> UInt16? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
}
