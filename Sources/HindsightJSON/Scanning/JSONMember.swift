/// One member of an object: its key and its value, still in the bytes of the input.
///
/// - Warning: it points into the bytes that its ``JSONScanner`` was given, and must not be used after them.
public struct JSONMember {
    /// The bytes of the key, without the quotes, still escaped.
    public let rawKey: UnsafeRawBufferPointer

    /// What kind of value it is.
    public let kind: JSONKind

    /// The bytes of the value, with the quotes of a string, without white space around them. They are valid JSON.
    public let bytes: UnsafeRawBufferPointer

    /// Where the value is in the input, in bytes from its start.
    public let range: Range<Int>

    /// Where the key is in the input, in bytes from its start.
    let keyOffset: Int
    let keyFeatures: JSONCursor.StringFeatures

    /// Whether this is the key. Nothing is allocated.
    ///
    /// - Parameter name: the key without escapes. Characters are compared one by one, without regard to equivalence.
    public func hasKey(_ name: String) -> Bool {
        guard !keyFeatures.contains(.escapes) else {
            guard let key = try? key else { return false }  // What is no text is no name either.
            return key.utf8.elementsEqual(name.utf8)
        }
        var name = name
        return name.withUTF8 { $0.count == rawKey.count && rawKey.elementsEqual($0) }
    }

    /// The key as text.
    ///
    /// - Throws: ``JSONError`` with the code `unpairedSurrogate` if an escape in it stands for no character.
    public var key: String {
        get throws(JSONError) { try text(rawKey, escaped: keyFeatures.contains(.escapes), offset: keyOffset) }
    }

    /// The value as text.
    ///
    /// - Throws: ``JSONError`` with the code `expectedString` if it is not a string, `unpairedSurrogate` if an escape
    ///   in it stands for no character.
    public func string() throws(JSONError) -> String {
        guard kind == .string else { throw JSONError(.expectedString, at: range.lowerBound) }
        let content = UnsafeRawBufferPointer(rebasing: bytes[1..<(bytes.count - 1)])
        let isEscaped = content.contains(UInt8(ascii: "\\"))
        return try text(content, escaped: isEscaped, offset: range.lowerBound + 1)
    }

    /// The value as a whole number.
    ///
    /// - Throws: ``JSONError`` with the code `expectedInteger` if it is not a number, has a fraction or an exponent, or
    ///   does not fit.
    public func integer() throws(JSONError) -> Int64 {
        let digits = bytes.assumingMemoryBound(to: UInt8.self)
        guard kind == .number, !digits.contains(where: { $0 > UInt8(ascii: "9") || $0 == UInt8(ascii: ".") }),
            let value = JSONInteger.int64(digits)
        else { throw JSONError(.expectedInteger, at: range.lowerBound) }
        return value
    }

    private func text(_ bytes: UnsafeRawBufferPointer, escaped: Bool, offset: Int) throws(JSONError) -> String {
        guard escaped else { return String(decoding: bytes, as: UTF8.self) }
        do {
            return try JSONText.unescape(bytes.assumingMemoryBound(to: UInt8.self))
        } catch {
            throw JSONError(error.code, at: error.offset + offset)
        }
    }
}
