extension Day: LosslessStringConvertible {
    /// Reads a day written as `2010-12-01`, in the years 0001 to 9999; nil if the text is anything else or there is no
    /// such day.
    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ Day(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }

    /// Reads a day from UTF-8 text, as ``init(_:)`` does, without making a string.
    public init?(utf8 bytes: UnsafeRawBufferPointer) {
        var reader = TextReader(bytes)
        guard let date = reader.takeDate(), reader.isAtEnd else { return nil }
        self.init(daysSince1970: Int32(date.daysSince1970))
    }

    /// The day as `2010-12-01`.
    public var description: String {
        TextWriter.string { $0.append(CivilDate(daysSince1970: Int(daysSince1970))) }
    }

    /// Appends ``description`` to `bytes` without making a string.
    public func append(to bytes: inout [UInt8]) {
        TextWriter.append(to: &bytes) { $0.append(CivilDate(daysSince1970: Int(daysSince1970))) }
    }
}

extension Day: Codable {
    /// Decodes a day from a string, see ``init(_:)``.
    ///
    /// - Throws: `DecodingError.dataCorrupted` if the string is not a day.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Day(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "Expected a day like 2010-12-01.")
        }
        self = value
    }

    /// Encodes the day as a string, see ``description``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
