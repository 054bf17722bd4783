/// A one-dimensional array; `[UInt8]` is `bytea`, and an array of it `bytea[]`.
extension Array: PostgresEncodable where Element: PostgresEncodable {
    /// The array type of the element.
    @inlinable public static var postgresType: PostgresType { Element.postgresArrayType }

    /// Appends the array.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) throws {
        guard count <= Int32.max else {
            throw PostgresError.unrepresentable(Self.self, as: Self.postgresType, "it has too many elements")
        }
        try Element.encodeArray(self, into: &buffer)
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    /// Reads an array of at most one dimension.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        self = try Element.decodeArray(postgres: bytes, type: type)
    }
}
