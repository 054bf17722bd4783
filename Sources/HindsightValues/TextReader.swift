/// Reads fixed-width fields from ASCII text, never past its end.
struct TextReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    /// The next byte, without taking it; nil at the end.
    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Takes the next byte if it is the given one.
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    /// Takes the next byte if it is a digit.
    mutating func takeDigit() -> Int? {
        guard let byte = peek, byte &- UInt8(ascii: "0") < 10 else { return nil }
        position += 1
        return Int(byte &- UInt8(ascii: "0"))
    }

    /// Takes exactly this many digits as a number.
    mutating func takeNumber(digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = takeDigit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Takes `2010-12-01`, a day that exists in the years 1 to 9999.
    mutating func takeDate() -> CivilDate? {
        guard let year = takeNumber(digits: 4), take(UInt8(ascii: "-")),
            let month = takeNumber(digits: 2), take(UInt8(ascii: "-")),
            let day = takeNumber(digits: 2)
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        return date.isValid && year >= 1 ? date : nil
    }
}
