/// Hexadecimal digits, eight at a time.
enum HexadecimalDigits {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// The four bytes that eight digits stand for; nil if one of them is none.
    ///
    /// - Parameter digits: the digits' ASCII, the first one in the lowest byte.
    /// - Returns: the bytes, the first one in the lowest.
    @inline(__always)
    static func bytes(_ digits: UInt64) -> UInt32? {
        // Without its highest bit a byte leaves room for a sum, so none carries into its neighbour.
        guard digits & highBits == 0 else { return nil }
        let small = digits | ones &* 0x20
        let isDigit = isAtLeast(digits, 0x30) & ~isAtLeast(digits, 0x3A)
        let isLetter = isAtLeast(small, 0x61) & ~isAtLeast(small, 0x67)
        guard (isDigit | isLetter) & highBits == highBits else { return nil }
        // A letter has bit 6, and its low half begins with 1.
        let halves = (digits & (ones &* 0x0F)) &+ (digits >> 6 & ones) &* 9
        let pairs = (halves & 0x00FF_00FF_00FF_00FF) << 4 | halves >> 8 & 0x00FF_00FF_00FF_00FF
        let quarters = (pairs | pairs >> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: quarters | quarters >> 16)
    }

    /// The highest bit of each byte that is at least as large as a limit; all are below 128.
    @inline(__always)
    private static func isAtLeast(_ bytes: UInt64, _ limit: UInt64) -> UInt64 {
        bytes &+ ones &* (0x80 - limit)
    }
}
