/// The elements of an array, one after another.
struct JSONUnkeyedContainer: UnkeyedDecodingContainer {
    private let document: JSONDocument
    /// The node of the array.
    private let array: Int
    /// The node of the next element.
    private var next: Int

    private(set) var currentIndex = 0

    init(document: JSONDocument, array: Int) throws {
        guard document[array].kind == .array else {
            throw document.containerError([Any].self, "unkeyed", at: array)
        }
        self.document = document
        self.array = array
        next = array + 1
    }

    var codingPath: [any CodingKey] { document.codingPath(to: array) }

    var count: Int? { Int(document[array].length) }

    var isAtEnd: Bool { next == Int(document[array].next) }
}

// MARK: - Walking

extension JSONUnkeyedContainer {
    /// Reads the next element and moves past it; a failure does not move.
    @inline(__always)
    private mutating func take<T>(_ body: (JSONValueDecoder) throws -> T) throws -> T {
        guard !isAtEnd else { throw endError(T.self) }
        let value = try body(element)
        advance()
        return value
    }

    /// Reads the next element if there is one and it is not null, and moves past it.
    @inline(__always)
    private mutating func takeIfPresent<T>(_ body: (JSONValueDecoder) throws -> T) throws -> T? {
        guard !isAtEnd else { return nil }
        let value = document.isNull(next) ? nil : try body(element)
        advance()
        return value
    }

    /// The decoder of the next element.
    @inline(__always)
    private var element: JSONValueDecoder {
        JSONValueDecoder(document: document, index: next)
    }

    @inline(__always)
    private mutating func advance() {
        next = Int(document[next].next)
        currentIndex += 1
    }

    @inline(never)
    private func endError(_ type: any Any.Type) -> DecodingError {
        .valueNotFound(
            type,
            DecodingError.Context(
                codingPath: codingPath + [JSONCodingKey(index: currentIndex)],
                debugDescription: "Unkeyed container is at end."))
    }
}

// MARK: - Containers

extension JSONUnkeyedContainer {
    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try take { try $0.container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try take { try $0.unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder {
        try take { $0 }
    }
}

// MARK: - Values

extension JSONUnkeyedContainer {
    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd else { throw endError(Never.self) }
        guard document.isNull(next) else { return false }
        advance()
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try take { try $0.decode(type) }
    }

    mutating func decodeIfPresent<T: Decodable>(_ type: T.Type) throws -> T? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try take { try $0.decode(type) } }
    mutating func decode(_ type: String.Type) throws -> String { try take { try $0.decode(type) } }
    mutating func decode(_ type: Double.Type) throws -> Double { try take { try $0.decode(type) } }
    mutating func decode(_ type: Float.Type) throws -> Float { try take { try $0.decode(type) } }
    mutating func decode(_ type: Int.Type) throws -> Int { try take { try $0.decode(type) } }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try take { try $0.decode(type) } }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try take { try $0.decode(type) } }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try take { try $0.decode(type) } }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try take { try $0.decode(type) } }
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try take { try $0.decode(type) } }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try take { try $0.decode(type) } }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try take { try $0.decode(type) } }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try take { try $0.decode(type) } }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try take { try $0.decode(type) } }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try take { try $0.decode(type) } }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try take { try $0.decode(type) } }

    mutating func decodeIfPresent(_ type: Bool.Type) throws -> Bool? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: String.Type) throws -> String? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: Double.Type) throws -> Double? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: Float.Type) throws -> Float? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: Int.Type) throws -> Int? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: Int8.Type) throws -> Int8? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: Int16.Type) throws -> Int16? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: Int32.Type) throws -> Int32? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: Int64.Type) throws -> Int64? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: Int128.Type) throws -> Int128? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: UInt.Type) throws -> UInt? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: UInt8.Type) throws -> UInt8? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: UInt16.Type) throws -> UInt16? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: UInt32.Type) throws -> UInt32? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: UInt64.Type) throws -> UInt64? {
        try takeIfPresent { try $0.decode(type) }
    }

    mutating func decodeIfPresent(_ type: UInt128.Type) throws -> UInt128? {
        try takeIfPresent { try $0.decode(type) }
    }
}
