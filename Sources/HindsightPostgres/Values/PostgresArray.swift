/// An array that is encoded while it is built, so that a large one needs no Swift array and no allocation for each
/// element.
///
/// ```swift
/// var payloads = PostgresArray<PostgresJSON>(capacity: 5_000)
/// for line in lines {
///     payloads.append(bytes: line)
/// }
/// try session.execute("insert into staging (payload) select unnest(\(payloads))")
/// ```
public struct PostgresArray<Element: PostgresEncodable>: Sendable {
    /// The elements, each with its length before it.
    @usableFromInline var fields: PostgresBuffer
    /// How many elements there are.
    @inlinable public var count: Int { elementCount }
    @usableFromInline var elementCount = 0

    /// An empty array.
    ///
    /// - Parameter capacity: bytes to make room for.
    public init(capacity: Int = 0) {
        fields = PostgresBuffer(capacity: capacity)
    }

    /// An array of these elements.
    ///
    /// - Throws: ``PostgresError`` with code `encoding` if an element cannot be encoded.
    @inlinable
    public init(_ elements: some Sequence<Element>) throws {
        self.init()
        for element in elements {
            try append(element)
        }
    }

    /// Appends an element.
    ///
    /// - Throws: ``PostgresError`` with code `encoding` if it cannot be encoded.
    @inlinable
    public mutating func append(_ element: Element) throws {
        try element.encodeField(into: &fields)
        elementCount += 1
    }

    /// Appends an element that is already in the element type's binary form; for `json` and `text` that is the text in
    /// UTF-8.
    @inlinable
    public mutating func append(bytes: UnsafeRawBufferPointer) {
        fields.append(Int32(truncatingIfNeeded: bytes.count))
        fields.append(bytes)
        elementCount += 1
    }

    /// Appends a null.
    @inlinable
    public mutating func appendNull() {
        fields.appendNull()
        elementCount += 1
    }

    /// Forgets the elements but keeps the memory.
    @inlinable
    public mutating func removeAll() {
        fields.removeAll()
        elementCount = 0
    }
}

extension PostgresArray: PostgresEncodable {
    /// The array type of the element.
    @inlinable public static var postgresType: PostgresType { Element.postgresArrayType }

    /// Appends the array.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) {
        let header = buffer.appendArrayHeader(of: Element.postgresType, count: count)
        fields.withUnsafeBytes { buffer.append($0) }
        buffer.nullCount += fields.nullCount
        buffer.finishArray(header)
    }
}
