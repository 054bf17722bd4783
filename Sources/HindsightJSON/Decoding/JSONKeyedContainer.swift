/// The members of an object, found by key.
///
/// Its methods are never specialized for `Key`, which belongs to another module. So they do as little as they can here,
/// and the rest in ``JSONDocument``, which knows no type parameters.
struct JSONKeyedContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let document: JSONDocument
    /// The node of the object.
    private let object: Int

    init(document: JSONDocument, object: Int) throws {
        try document.prepareObject(object)
        self.document = document
        self.object = object
    }

    var codingPath: [any CodingKey] { document.codingPath(to: object) }

    var allKeys: [Key] { document.keys(of: object).compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { find(key) != 0 }

    func decodeNil(forKey key: Key) throws -> Bool { document.isNull(try index(of: key)) }
}

// MARK: - Finding members

extension JSONKeyedContainer {
    /// The node of a member's value; 0 if there is no such member.
    @inline(__always)
    private func find(_ key: Key) -> Int {
        document.member(key.stringValue, of: object)
    }

    /// The node of a member's value.
    @inline(__always)
    private func index(of key: Key) throws -> Int {
        let index = find(key)
        guard index != 0 else { throw notFound(key) }
        return index
    }

    /// The node of a member's value; 0 if there is no such member or it is null.
    @inline(__always)
    private func indexIfPresent(of key: Key) -> Int {
        let index = find(key)
        return document.isNull(index) ? 0 : index
    }

    @inline(never)
    private func notFound(_ key: Key) -> DecodingError {
        .keyNotFound(
            key,
            DecodingError.Context(
                codingPath: codingPath,
                debugDescription: "No value associated with key \(key) (\"\(key.stringValue)\")."))
    }
}

// MARK: - Containers

extension JSONKeyedContainer {
    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        KeyedDecodingContainer(try JSONKeyedContainer<NestedKey>(document: document, object: index(of: key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try JSONUnkeyedContainer(document: document, array: index(of: key))
    }

    func superDecoder() throws -> any Decoder {
        superDecoder(for: JSONCodingKey.super.stringValue)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        superDecoder(for: key.stringValue)
    }

    /// The decoder of a member; of null, if there is no such member, as in Foundation.
    private func superDecoder(for key: String) -> JSONValueDecoder {
        let index = document.member(key, of: object)
        return JSONValueDecoder(
            document: document, index: index == 0 ? document.appendNull(for: key, in: object) : index)
    }
}

// MARK: - Values

extension JSONKeyedContainer {
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try document.decode(type, at: index(of: key))
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        let index = indexIfPresent(of: key)
        return index == 0 ? nil : try document.decode(type, at: index)
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try document.bool(at: index(of: key)) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try document.string(at: index(of: key)) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try document.double(at: index(of: key)) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try document.float(at: index(of: key)) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try integer(key) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try integer(key) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try integer(key) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try integer(key) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try integer(key) }
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try integer(key) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try integer(key) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try integer(key) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try integer(key) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try integer(key) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try integer(key) }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try integer(key) }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        let index = indexIfPresent(of: key)
        return index == 0 ? nil : try document.bool(at: index)
    }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        let index = indexIfPresent(of: key)
        return index == 0 ? nil : try document.string(at: index)
    }

    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        let index = indexIfPresent(of: key)
        return index == 0 ? nil : try document.double(at: index)
    }

    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
        let index = indexIfPresent(of: key)
        return index == 0 ? nil : try document.float(at: index)
    }

    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try integerIfPresent(key) }
    func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { try integerIfPresent(key) }
    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try integerIfPresent(key) }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try integerIfPresent(key) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try integerIfPresent(key) }
    func decodeIfPresent(_ type: Int128.Type, forKey key: Key) throws -> Int128? { try integerIfPresent(key) }
    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try integerIfPresent(key) }
    func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { try integerIfPresent(key) }
    func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { try integerIfPresent(key) }
    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { try integerIfPresent(key) }
    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { try integerIfPresent(key) }
    func decodeIfPresent(_ type: UInt128.Type, forKey key: Key) throws -> UInt128? { try integerIfPresent(key) }

    @inline(__always)
    private func integer<T: FixedWidthInteger>(_ key: Key) throws -> T {
        try document.integer(T.self, at: index(of: key))
    }

    @inline(__always)
    private func integerIfPresent<T: FixedWidthInteger>(_ key: Key) throws -> T? {
        let index = indexIfPresent(of: key)
        return index == 0 ? nil : try document.integer(T.self, at: index)
    }
}
