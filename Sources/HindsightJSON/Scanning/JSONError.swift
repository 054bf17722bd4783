/// What is wrong with bytes that should be JSON, and where.
///
/// ```swift
/// do {
///     try JSONScanner.validate(line)
/// } catch {
///     print(error)  // unexpected end of input at byte 17
/// }
/// ```
public struct JSONError: Error, Hashable, Sendable {
    /// What is wrong.
    public let code: Code

    /// The offset in bytes, from the start of the input, of the first byte that cannot be right.
    public let offset: Int

    /// An error at an offset in bytes from the start of the input.
    public init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    /// The reason and the offset. It holds nothing of the input.
    public var description: String {
        "\(code) at byte \(offset)"
    }
}

extension JSONError {
    /// The kinds of errors.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Reason: String {
            case unexpectedEnd = "unexpected end of input"
            case expectedValue = "expected a value"
            case expectedKey = "expected a key in quotes"
            case expectedColon = "expected a colon after a key"
            case expectedCommaOrBrace = "expected a comma or a closing brace"
            case expectedCommaOrBracket = "expected a comma or a closing bracket"
            case expectedObject = "expected an object"
            case expectedString = "expected a string"
            case expectedInteger = "expected a whole number of 64 bits"
            case expectedEnd = "unexpected content after the value"
            case invalidLiteral = "expected true, false or null"
            case invalidNumber = "malformed number"
            case controlCharacter = "unescaped control character in a string"
            case invalidEscape = "malformed escape in a string"
            case unpairedSurrogate = "unpaired surrogate in a string"
            case invalidUTF8 = "malformed UTF-8 in a string"
            case nestedTooDeeply = "more than 512 nested arrays and objects"
            case tooLarge = "more than 2 GiB"
        }

        private let reason: Reason

        private init(_ reason: Reason) {
            self.reason = reason
        }

        /// The reason in words.
        public var description: String { reason.rawValue }

        /// The input ends inside a value, or there is none.
        public static let unexpectedEnd = Code(.unexpectedEnd)
        /// There is no value where one must be.
        public static let expectedValue = Code(.expectedValue)
        /// There is no key where one must be.
        public static let expectedKey = Code(.expectedKey)
        /// There is no colon after a key.
        public static let expectedColon = Code(.expectedColon)
        /// Something else follows a member of an object.
        public static let expectedCommaOrBrace = Code(.expectedCommaOrBrace)
        /// Something else follows an element of an array.
        public static let expectedCommaOrBracket = Code(.expectedCommaOrBracket)
        /// The value to be read is not an object.
        public static let expectedObject = Code(.expectedObject)
        /// The value to be read is not a string.
        public static let expectedString = Code(.expectedString)
        /// The value to be read is not a whole number, or does not fit into 64 bits.
        public static let expectedInteger = Code(.expectedInteger)
        /// There is more than one value.
        public static let expectedEnd = Code(.expectedEnd)
        /// A value begins like `true`, `false` or `null`, but is not.
        public static let invalidLiteral = Code(.invalidLiteral)
        /// A number breaks the grammar: a leading zero, no digit after a point.
        public static let invalidNumber = Code(.invalidNumber)
        /// A string holds a byte under 32 that is not escaped.
        public static let controlCharacter = Code(.controlCharacter)
        /// A string holds a backslash that begins no escape.
        public static let invalidEscape = Code(.invalidEscape)
        /// A string holds the escape of half a surrogate pair. RFC 8259 permits it, but no text has such a character:
        /// reading the string is an error, validating it is not.
        public static let unpairedSurrogate = Code(.unpairedSurrogate)
        /// A string holds bytes that are not UTF-8.
        public static let invalidUTF8 = Code(.invalidUTF8)
        /// Arrays and objects are nested deeper than 512.
        public static let nestedTooDeeply = Code(.nestedTooDeeply)
        /// The input is larger than 2 GiB.
        public static let tooLarge = Code(.tooLarge)
    }
}
