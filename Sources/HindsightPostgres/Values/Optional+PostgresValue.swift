/// `nil` is null.
extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    /// The type of the wrapped value.
    @inlinable public static var postgresType: PostgresType { Wrapped.postgresType }
    /// The array type of the wrapped value.
    @inlinable public static var postgresArrayType: PostgresType { Wrapped.postgresType.array ?? .unspecified }

    /// Appends the wrapped value's binary form.
    ///
    /// - Throws: ``PostgresError`` with code `encoding` for `nil`, which has none: a null is written by
    ///   ``encodeField(into:)``.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) throws {
        guard let value = self else {
            throw PostgresError.unrepresentable(Self.self, as: Wrapped.postgresType, "null has no binary form")
        }
        try value.encode(into: &buffer)
    }

    /// Appends the value with its length before it, or a null.
    @inlinable
    public func encodeField(into buffer: inout PostgresBuffer) throws {
        guard let value = self else {
            return buffer.appendNull()
        }
        try value.encodeField(into: &buffer)
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    /// Reads a value that is not null.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        self = .some(try Wrapped(postgres: bytes, type: type))
    }

    /// Reads a field, `nil` for null.
    @inlinable
    public init(postgresField bytes: UnsafeRawBufferPointer?, type: PostgresType) throws {
        guard let bytes else {
            self = .none
            return
        }
        self = .some(try Wrapped(postgres: bytes, type: type))
    }
}
