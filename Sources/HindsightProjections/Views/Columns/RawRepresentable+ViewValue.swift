public import HindsightPostgres

/// An enum with raw values, or a wrapper of one value, is stored as its raw value.
extension ViewValue where Self: RawRepresentable, RawValue: ViewValue {
    /// The raw value's type.
    @inlinable public static var postgresType: PostgresType { RawValue.postgresType }

    /// Appends the raw value.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) throws { try rawValue.encode(into: &buffer) }

    /// Reads a raw value.
    ///
    /// - Throws: ``PostgresError`` with code `decoding` if it stands for no value.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        let raw = try RawValue(postgres: bytes, type: type)
        guard let value = Self(rawValue: raw) else { throw PostgresError.unknownRawValue(raw, Self.self) }
        self = value
    }

    /// Whether the raw values are the same.
    @inlinable
    public func isSame(as other: Self) -> Bool { rawValue.isSame(as: other.rawValue) }

    /// The raw value's.
    @inlinable public var heapByteCount: Int { rawValue.heapByteCount }
    /// The raw value's text.
    public var columnText: String? { rawValue.columnText }

    /// The value whose raw value the text is.
    public init?(columnText text: String) {
        guard let raw = RawValue(columnText: text) else { return nil }
        self.init(rawValue: raw)
    }
}

extension PostgresError {
    @usableFromInline
    static func unknownRawValue<Raw: ViewValue, Value>(_ raw: Raw, _ type: Value.Type) -> PostgresError {
        var error = PostgresError(
            .decoding, "a stored value is no \(type): was the case removed? Rebuild the view, or keep the case")
        error.detail = "the value is \"\(raw.columnText ?? "null")\""
        return error
    }
}
