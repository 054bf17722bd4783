extension Bool: PostgresEncodable, PostgresDecodable {
    /// `boolean`
    @inlinable public static var postgresType: PostgresType { .bool }

    /// Appends one byte, 0 or 1.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) {
        buffer.append(self ? UInt8(1) : 0)
    }

    /// Reads a `boolean`.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        guard type == .bool, bytes.count == 1 else {
            throw PostgresError.typeMismatch(Self.self, type)
        }
        self = bytes[0] != 0
    }
}
