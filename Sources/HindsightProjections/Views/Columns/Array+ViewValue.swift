public import HindsightPostgres

/// Bytes are a `bytea`; other arrays are `jsonb`, since rows are sent as one array per column.
extension Array: ViewValue where Element: ViewValue & Codable {
    /// The array as a column has it.
    @inlinable public var columnForm: ArrayColumn<Element> { ArrayColumn(elements: self) }
    /// The array in a column.
    @inlinable
    public init(columnForm: ArrayColumn<Element>) { self = columnForm.elements }

    /// Whether the elements are the same.
    @inlinable
    public func isSame(as other: [Element]) -> Bool {
        count == other.count && zip(self, other).allSatisfy { $0.isSame(as: $1) }
    }

    /// The elements, in an object.
    @inlinable public var heapByteCount: Int {
        isEmpty
            ? 0 : 48 + count * MemoryLayout<Element>.stride + (Element.self == UInt8.self ? 0 : elementHeapByteCount)
    }

    @usableFromInline var elementHeapByteCount: Int { reduce(0) { $0 + $1.heapByteCount } }

    /// The JSON text; for bytes `\\x` and two digits for each, as PostgreSQL prints them.
    public var columnText: String? {
        guard let bytes = asBytes else { return ColumnJSON.text(self) }
        let digits = Swift.Array<UInt8>("0123456789abcdef".utf8)
        var text: [UInt8] = [UInt8(ascii: "\\"), UInt8(ascii: "x")]
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// The array in JSON text; for bytes, those that `\\x` and two digits for each stand for.
    public init?(columnText text: String) {
        let value =
            Element.self == UInt8.self
            ? Self.bytes(text) as? [Element] : ColumnJSON.value([Element].self, text)
        guard let value else { return nil }
        self = value
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        guard text.hasPrefix("\\x") else { return nil }
        let nibbles = text.utf8.dropFirst(2).map { Character(UnicodeScalar($0)).hexDigitValue }
        guard nibbles.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: nibbles.count, by: 2) {
            guard let high = nibbles[index], let low = nibbles[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}

extension Array {
    /// The array as bytes; nil for other elements. An empty array of any type can be cast to one of bytes.
    fileprivate var asBytes: [UInt8]? { Element.self == UInt8.self ? self as? [UInt8] : nil }
}

/// An array as a column of a view has it: bytes as `bytea`, other elements as `jsonb`.
public struct ArrayColumn<Element: ViewValue & Codable>: PostgresEncodable, PostgresDecodable {
    @usableFromInline let elements: [Element]

    @inlinable
    init(elements: [Element]) {
        self.elements = elements
    }

    /// `bytea` or `jsonb`.
    @inlinable public static var postgresType: PostgresType { Element.self == UInt8.self ? .bytea : .jsonb }

    /// Appends the bytes or the JSON text.
    ///
    /// - Throws: what encoding an element throws.
    public func encode(into buffer: inout PostgresBuffer) throws {
        if let bytes = elements.asBytes {
            try bytes.encode(into: &buffer)
        } else {
            PostgresJSONB(try ColumnJSON.encode(elements)).encode(into: &buffer)
        }
    }

    /// Reads bytes or JSON.
    ///
    /// - Throws: `DecodingError`, ``PostgresError`` with code `decoding`.
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        if Element.self == UInt8.self, let bytes = try [UInt8](postgres: bytes, type: type) as? [Element] {
            elements = bytes
        } else {
            elements = try ColumnJSON.decode([Element].self, from: try PostgresJSONB(postgres: bytes, type: type).bytes)
        }
    }
}
