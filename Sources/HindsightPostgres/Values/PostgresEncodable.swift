/// A type whose values can be sent to PostgreSQL in binary form, as a parameter, in a `COPY` row or in an array.
///
/// Your own type needs only ``postgresType`` and ``encode(into:)``:
///
/// ```swift
/// extension CustomerID: PostgresEncodable {
///     static var postgresType: PostgresType { .int8 }
///     func encode(into buffer: inout PostgresBuffer) throws { try rawValue.encode(into: &buffer) }
/// }
/// ```
///
/// Optionals and arrays of an encodable type are encodable; `[UInt8]` is `bytea`.
public protocol PostgresEncodable: Sendable {
    /// The declared type of values.
    static var postgresType: PostgresType { get }
    /// The declared type of arrays of values. Defaults to ``PostgresType/array`` of ``postgresType``.
    static var postgresArrayType: PostgresType { get }
    /// Appends the value's binary form, without a length.
    ///
    /// - Throws: ``PostgresError`` with code `encoding` if the server cannot hold the value.
    func encode(into buffer: inout PostgresBuffer) throws
    /// Appends the value with its length before it, or a null. Only `Optional` has a reason to replace this.
    func encodeField(into buffer: inout PostgresBuffer) throws
    /// Appends the binary form of an array of values. Only types with a faster loop have a reason to replace this.
    static func encodeArray(_ values: [Self], into buffer: inout PostgresBuffer) throws
}

extension PostgresEncodable {
    /// The array type that belongs to ``postgresType``, or unspecified if that is not known here.
    @inlinable
    public static var postgresArrayType: PostgresType { postgresType.array ?? .unspecified }

    /// Appends the value with its length before it.
    @inlinable
    public func encodeField(into buffer: inout PostgresBuffer) throws {
        try buffer.writeLengthPrefixed { try encode(into: &$0) }
    }

    /// Appends a one-dimensional array.
    @inlinable
    public static func encodeArray(_ values: [Self], into buffer: inout PostgresBuffer) throws {
        let header = buffer.appendArrayHeader(of: postgresType, count: values.count)
        for value in values {
            try value.encodeField(into: &buffer)
        }
        buffer.finishArray(header)
    }
}
