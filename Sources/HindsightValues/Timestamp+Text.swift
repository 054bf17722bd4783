extension Timestamp: LosslessStringConvertible {
    /// Reads an instant as RFC 3339 writes it: `2010-12-01T08:26:00Z`, `2010-12-01T09:26:00.25+01:00`.
    ///
    /// The time zone is required. `T` and `Z` may be lower case, and a space may stand for the `T`. A fraction has one
    /// to nine digits; those after the sixth are dropped. The second 60 is accepted in the last minute of a UTC day and
    /// is the first second of the next one. The result is nil if the text is anything else, if the day does not exist,
    /// or if the instant is outside the years 0001 to 9999.
    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ Timestamp(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }

    /// Reads an instant from UTF-8 text, as ``init(_:)`` does, without making a string.
    public init?(utf8 bytes: UnsafeRawBufferPointer) {
        var reader = TextReader(bytes)
        guard let date = reader.takeDate(),
            reader.take(UInt8(ascii: "T")) || reader.take(UInt8(ascii: "t")) || reader.take(UInt8(ascii: " ")),
            let hour = reader.takeNumber(digits: 2), hour < 24, reader.take(UInt8(ascii: ":")),
            let minute = reader.takeNumber(digits: 2), minute < 60, reader.take(UInt8(ascii: ":")),
            let second = reader.takeNumber(digits: 2), second <= 60,
            let microsecond = reader.takeFraction(), let offset = reader.takeOffset(), reader.isAtEnd
        else { return nil }
        let minutes = date.daysSince1970 * 1_440 + hour * 60 + minute - offset
        // A leap second comes last in its UTC day, wherever the clock on the wall stands.
        guard second < 60 || (minutes + 1) % 1_440 == 0 else { return nil }
        self.init(microsecondsSince1970: Int64((minutes * 60 + second) * 1_000_000 + microsecond))
        guard Timestamp.textRange.contains(microsecondsSince1970) else { return nil }
    }

    /// The instant as RFC 3339 text in UTC, `2010-12-01T08:26:00Z`, with as many digits of a fraction as it needs.
    public var description: String {
        TextWriter.string { write(to: &$0) }
    }

    /// Appends ``description`` to `bytes` without making a string.
    public func append(to bytes: inout [UInt8]) {
        TextWriter.append(to: &bytes) { write(to: &$0) }
    }

    /// True in the years 1 to 9999: what ``description`` writes can be read again.
    package var isWritable: Bool { Self.textRange.contains(microsecondsSince1970) }

    /// From 0001-01-01T00:00:00Z up to, but not including, 10000-01-01T00:00:00Z.
    private static let textRange: Range<Int64> = -62_135_596_800_000_000..<253_402_300_800_000_000

    private func write(to writer: inout TextWriter) {
        let (day, time) = microsecondsSince1970.dividedDown(by: 86_400_000_000)
        let seconds = UInt64(time / 1_000_000)
        writer.append(CivilDate(daysSince1970: Int(day)))
        writer.append(UInt8(ascii: "T"))
        writer.append(seconds / 3_600, width: 2)
        writer.append(UInt8(ascii: ":"))
        writer.append(seconds / 60 % 60, width: 2)
        writer.append(UInt8(ascii: ":"))
        writer.append(seconds % 60, width: 2)
        var fraction = UInt64(time % 1_000_000)
        if fraction > 0 {
            var width = 6
            while fraction % 10 == 0 {
                fraction /= 10
                width -= 1
            }
            writer.append(UInt8(ascii: "."))
            writer.append(fraction, width: width)
        }
        writer.append(UInt8(ascii: "Z"))
    }
}

extension Timestamp: Codable {
    /// Decodes an instant from a string, see ``init(_:)``.
    ///
    /// - Throws: `DecodingError.dataCorrupted` if the string is not an RFC 3339 instant.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Timestamp(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "Expected an RFC 3339 instant like 2010-12-01T08:26:00Z.")
        }
        self = value
    }

    /// Encodes the instant as a string, see ``description``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension TextReader {
    /// Takes `.123456789` as microseconds; 0 if there is no fraction, nil if there is a malformed one.
    fileprivate mutating func takeFraction() -> Int? {
        guard take(UInt8(ascii: ".")) else { return 0 }
        var value = 0
        var digits = 0
        while let digit = takeDigit() {
            digits += 1
            if digits <= 6 { value = value * 10 + digit }
        }
        guard 1...9 ~= digits else { return nil }
        for _ in min(digits, 6)..<6 { value *= 10 }
        return value
    }

    /// Takes `Z` or `+01:30` as minutes east of UTC.
    fileprivate mutating func takeOffset() -> Int? {
        if take(UInt8(ascii: "Z")) || take(UInt8(ascii: "z")) { return 0 }
        let isWest = take(UInt8(ascii: "-"))
        guard isWest || take(UInt8(ascii: "+")),
            let hours = takeNumber(digits: 2), hours < 24, take(UInt8(ascii: ":")),
            let minutes = takeNumber(digits: 2), minutes < 60
        else { return nil }
        return (isWest ? -1 : 1) * (hours * 60 + minutes)
    }
}

extension Int64 {
    /// The quotient rounded down and the remainder, which is never negative.
    func dividedDown(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
