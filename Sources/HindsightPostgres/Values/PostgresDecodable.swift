/// A type that can be read from a field of a result in binary form.
///
/// Your own type needs only ``init(postgres:type:)``:
///
/// ```swift
/// extension CustomerID: PostgresDecodable {
///     init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
///         rawValue = try Int64(postgres: bytes, type: type)
///     }
/// }
/// ```
///
/// Optionals and arrays of a decodable type are decodable.
public protocol PostgresDecodable: Sendable {
    /// Reads a value that is not null.
    ///
    /// - Parameters:
    ///   - bytes: the binary form, valid only during the call.
    ///   - type: the field's type according to the server.
    /// - Throws: ``PostgresError`` with code `decoding` if the type or the bytes do not fit.
    init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws
    /// Reads a field, `nil` for null. Only `Optional` has a reason to replace this.
    init(postgresField bytes: UnsafeRawBufferPointer?, type: PostgresType) throws
    /// Reads an array. Only types with a special array form (`bytea`) have a reason to replace this.
    static func decodeArray(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws -> [Self]
}

/// A type that can be both sent to and read from PostgreSQL.
public typealias PostgresValue = PostgresEncodable & PostgresDecodable

extension PostgresDecodable {
    /// Reads a field that must not be null.
    @inlinable
    public init(postgresField bytes: UnsafeRawBufferPointer?, type: PostgresType) throws {
        guard let bytes else {
            throw PostgresError.unexpectedNull(Self.self)
        }
        try self.init(postgres: bytes, type: type)
    }

    /// Reads an array of at most one dimension.
    @inlinable
    public static func decodeArray(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws -> [Self] {
        var reader = try PostgresArrayReader(bytes, type: type)
        var values: [Self] = []
        values.reserveCapacity(reader.count)
        for _ in 0..<reader.count {
            values.append(try Self(postgresField: try reader.next(), type: reader.elementType))
        }
        return values
    }
}
