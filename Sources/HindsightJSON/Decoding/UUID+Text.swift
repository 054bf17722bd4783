#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension UUID {
    /// Reads an identifier of 32 hexadecimal digits in five groups; nil if the text is anything else.
    package init?(utf8 text: UnsafeRawBufferPointer) {
        guard text.count == 36, text[8] == UInt8(ascii: "-"), text[13] == UInt8(ascii: "-"),
            text[18] == UInt8(ascii: "-"), text[23] == UInt8(ascii: "-")
        else { return nil }
        var invalid: UInt16 = 0
        func byte(_ offset: Int) -> UInt8 {
            let high = hexadecimalDigit(text[offset]) ?? 0x100
            let low = hexadecimalDigit(text[offset + 1]) ?? 0x100
            invalid |= high | low
            return UInt8(truncatingIfNeeded: high << 4 | low)
        }
        self.init(
            uuid: (
                byte(0), byte(2), byte(4), byte(6), byte(9), byte(11), byte(14), byte(16),
                byte(19), byte(21), byte(24), byte(26), byte(28), byte(30), byte(32), byte(34)
            ))
        guard invalid < 0x100 else { return nil }
    }
}
