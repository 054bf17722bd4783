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
        func half(_ offset: Int) -> UInt64 {
            UInt64(text.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian)
        }
        func word(_ offset: Int) -> UInt64 {
            text.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
        }
        guard let first = HexadecimalDigits.bytes(word(0)),
            let second = HexadecimalDigits.bytes(half(9) | half(14) << 32),
            let third = HexadecimalDigits.bytes(half(19) | half(24) << 32),
            let fourth = HexadecimalDigits.bytes(word(28))
        else { return nil }
        let low = UInt64(first) | UInt64(second) << 32
        let high = UInt64(third) | UInt64(fourth) << 32
        self = withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { bytes in
            bytes.storeBytes(of: low.littleEndian, as: UInt64.self)
            bytes.storeBytes(of: high.littleEndian, toByteOffset: 8, as: UInt64.self)
            return UUID(uuid: bytes.load(as: uuid_t.self))
        }
    }
}
