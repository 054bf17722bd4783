/// Writes short ASCII text to a buffer on the stack.
struct TextWriter {
    /// Enough for every value of this module: the longest is a decimal of 41 characters.
    private static let capacity = 64

    private let buffer: UnsafeMutableRawBufferPointer
    private var count = 0

    private init(_ buffer: UnsafeMutableRawBufferPointer) {
        self.buffer = buffer
    }

    /// The text that `body` writes.
    static func string(_ body: (inout TextWriter) -> Void) -> String {
        withText(body) { String(decoding: $0, as: UTF8.self) }
    }

    /// Appends the text that `body` writes to `bytes`.
    static func append(to bytes: inout [UInt8], _ body: (inout TextWriter) -> Void) {
        withText(body) { bytes.append(contentsOf: $0) }
    }

    private static func withText<R>(
        _ body: (inout TextWriter) -> Void, _ use: (UnsafeRawBufferPointer) -> R
    ) -> R {
        withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 1) { buffer in
            var writer = TextWriter(buffer)
            body(&writer)
            return use(UnsafeRawBufferPointer(rebasing: buffer[..<writer.count]))
        }
    }

    mutating func append(_ byte: UInt8) {
        buffer[count] = byte
        count += 1
    }

    /// Appends a number in decimal, with zeros in front up to a width.
    mutating func append(_ value: UInt64, width: Int = 1) {
        var digits = 1
        var rest = value / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        let length = max(digits, width)
        rest = value
        var index = count + length
        while index > count {
            index -= 1
            buffer[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += length
    }

    /// Appends `2010-12-01`; a year of more than four digits in full, one before the year 0 with a minus sign.
    mutating func append(_ date: CivilDate) {
        if date.year < 0 { append(UInt8(ascii: "-")) }
        append(UInt64(date.year.magnitude), width: 4)
        append(UInt8(ascii: "-"))
        append(UInt64(date.month), width: 2)
        append(UInt8(ascii: "-"))
        append(UInt64(date.day), width: 2)
    }
}
