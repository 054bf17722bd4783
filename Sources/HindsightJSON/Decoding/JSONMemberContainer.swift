/// What all keyed containers do.
///
/// Its methods are never specialized for `Key`, which belongs to another module. So they do as little as they can here,
/// and the rest in ``JSONDocument``, which knows no type parameters. They are inlined into those of each container, so
/// that these know at least their own type.
protocol JSONMemberContainer: KeyedDecodingContainerProtocol {
    /// The document, which lives as long as the container.
    var reference: Unmanaged<JSONDocument> { get }

    /// The node of the object, which is prepared.
    var object: Int { get }
}

extension JSONMemberContainer {
    var codingPath: [any CodingKey] { reference._withUnsafeGuaranteedRef { $0.codingPath(to: object) } }

    var allKeys: [Key] {
        reference._withUnsafeGuaranteedRef { $0.keys(of: object) }.compactMap { Key(stringValue: $0) }
    }

    @inline(__always)
    func contains(_ key: Key) -> Bool { find(key) { _, index in index != 0 } }

    @inline(__always)
    func decodeNil(forKey key: Key) throws -> Bool { try value(key) { $0.isNull($1) } }
}

// MARK: - Finding members

extension JSONMemberContainer {
    /// Reads from the document, given the node of a member's value; 0 if there is no such member.
    ///
    /// A document in a variable would be counted, which is what takes the time with a value that is read.
    @inline(__always)
    private func find<T>(_ key: Key, _ read: (JSONDocument, Int) throws -> T) rethrows -> T {
        try reference._withUnsafeGuaranteedRef { document in
            try read(document, document.member(key.stringValue, of: object))
        }
    }

    /// Reads a member's value, which must be there.
    @inline(__always)
    func value<T>(_ key: Key, _ read: (JSONDocument, Int) throws -> T) throws -> T {
        try find(key) { document, index in
            guard index != 0 else { throw notFound(key) }
            return try read(document, index)
        }
    }

    /// Reads a member's value; nil if there is no such member or it is null.
    @inline(__always)
    func valueIfPresent<T>(_ key: Key, _ read: (JSONDocument, Int) throws -> T) throws -> T? {
        try find(key) { document, index in
            index == 0 || document.isNull(index) ? nil : try read(document, index)
        }
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

extension JSONMemberContainer {
    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try value(key) { KeyedDecodingContainer(try JSONKeyedContainer<NestedKey>(document: $0, object: $1)) }
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try value(key) { try JSONUnkeyedContainer(document: $0, array: $1) }
    }

    func superDecoder() throws -> any Decoder {
        superDecoder(for: JSONCodingKey.super.stringValue)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        superDecoder(for: key.stringValue)
    }

    /// The decoder of a member; of null, if there is no such member, as in Foundation.
    private func superDecoder(for key: String) -> JSONValueDecoder {
        let document = reference.takeUnretainedValue()
        let index = document.member(key, of: object)
        return JSONValueDecoder(
            document: document, index: index == 0 ? document.appendNull(for: key, in: object) : index)
    }
}
