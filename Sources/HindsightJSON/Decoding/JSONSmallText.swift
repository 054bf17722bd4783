/// Texts so short that they have no memory of their own, made from two words instead of by the standard library, which
/// takes five times as long for each.
///
/// How the words are laid out is a part of Swift's stable binary interface. It is checked all the same, once in a
/// process, against what the standard library makes; if any length is different, nothing is made here.
package enum JSONSmallText {
    /// The most bytes of such a text.
    static let capacity = 15

    /// Whether every kind of short text is made of the same bits here as by the standard library.
    package static let isKnown: Bool = {
        guard MemoryLayout<String>.size == MemoryLayout<Words>.size, Int.bitWidth == 64 else { return false }
        return (0...capacity).allSatisfy { count in
            let ascii = (0..<count).map { UInt8(ascii: "a") + UInt8($0) }
            // Two bytes for each character; an odd one in front.
            let other = Array((count % 2 == 0 ? "" : "x").utf8) + (0..<(count / 2)).flatMap { _ in "é".utf8 }
            return isSame(ascii, isASCII: true) && (count < 2 || isSame(other, isASCII: false))
        }
    }()

    private typealias Words = (UInt64, UInt64)

    private static func isSame(_ bytes: [UInt8], isASCII: Bool) -> Bool {
        let expected = unsafeBitCast(String(decoding: bytes, as: UTF8.self), to: Words.self)
        return bytes.withUnsafeBufferPointer { words(of: $0, isASCII: isASCII) == expected }
    }

    /// The text of UTF-8, if ``isKnown``.
    ///
    /// - Parameter bytes: no more than ``capacity``.
    @inline(__always)
    static func make(_ bytes: UnsafeBufferPointer<UInt8>, isASCII: Bool) -> String {
        unsafeBitCast(words(of: bytes, isASCII: isASCII), to: String.self)
    }

    /// Whether a text is made of these words; false also if it is not known to be.
    ///
    /// - Parameter bytes: no more than ``capacity``, all of them ASCII.
    @inline(__always)
    static func isText(_ text: borrowing String, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        unsafeBitCast(copy text, to: Words.self) == words(of: bytes, isASCII: true)
    }

    @inline(__always)
    private static func words(of bytes: UnsafeBufferPointer<UInt8>, isASCII: Bool) -> Words {
        let count = bytes.count
        let mark: UInt64 = (isASCII ? 0xe0 : 0xa0) | UInt64(truncatingIfNeeded: count)
        guard count > 0, let base = UnsafeRawPointer(bytes.baseAddress) else { return (0, mark &<< 56) }
        @inline(__always)
        func load<T: FixedWidthInteger>(_ offset: Int, _ type: T.Type) -> UInt64 {
            UInt64(truncatingIfNeeded: T(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: type)))
        }
        @inline(__always)
        func place(_ offset: Int) -> UInt64 { UInt64(truncatingIfNeeded: offset &* 8) }
        // Loads that overlap, so that none reads beyond the bytes; what both of them read is the same in both.
        if count > 8 {
            return (load(0, UInt64.self), load(count - 8, UInt64.self) &>> place(16 - count) | mark &<< 56)
        }
        if count == 8 { return (load(0, UInt64.self), mark &<< 56) }
        if count >= 4 {
            return (load(0, UInt32.self) | load(count - 4, UInt32.self) &<< place(count - 4), mark &<< 56)
        }
        let middle = count / 2
        let last = count - 1
        return (
            load(0, UInt8.self) | load(middle, UInt8.self) &<< place(middle) | load(last, UInt8.self) &<< place(last),
            mark &<< 56
        )
    }
}
