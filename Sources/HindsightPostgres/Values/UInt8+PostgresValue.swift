/// A single byte is a `smallint`; an array of bytes, `[UInt8]`, is `bytea`.
extension UInt8: PostgresEncodable, PostgresDecodable {
    /// `smallint`
    @inlinable public static var postgresType: PostgresType { .int2 }
    /// `bytea`
    @inlinable public static var postgresArrayType: PostgresType { .bytea }

    /// Appends two bytes.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) {
        buffer.append(Int16(self))
    }

    /// Appends the bytes as they are.
    @inlinable
    public static func encodeArray(_ values: [UInt8], into buffer: inout PostgresBuffer) {
        buffer.append(values)
    }

    /// Reads any integer type whose value fits.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        guard let value = UInt8(exactly: try Int64(postgres: bytes, type: type)) else {
            throw PostgresError.outOfRange(Self.self, type)
        }
        self = value
    }

    /// Reads a `bytea`, or the verbatim bytes of a textual type.
    @inlinable
    public static func decodeArray(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws -> [UInt8] {
        guard type == .bytea || type.isTextual else {
            throw PostgresError.typeMismatch([UInt8].self, type)
        }
        return [UInt8](bytes)
    }
}
