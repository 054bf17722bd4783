extension Double: PostgresEncodable, PostgresDecodable {
    /// `double precision`
    @inlinable public static var postgresType: PostgresType { .float8 }

    /// Appends eight bytes; infinities and NaN are kept.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) {
        buffer.append(bitPattern)
    }

    /// Appends a `double precision[]`.
    @inlinable
    public static func encodeArray(_ values: [Double], into buffer: inout PostgresBuffer) {
        _ = buffer.appendArrayHeader(of: .float8, count: values.count)
        buffer.appendFixedWidthFields(values) { $0.bitPattern }
    }

    /// Reads a `double precision` or a `real`.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        switch (type, bytes.count) {
        case (.float8, 8):
            self = Double(bitPattern: bytes.bigEndian(UInt64.self, at: 0))
        case (.float4, 4):
            self = Double(Float(bitPattern: bytes.bigEndian(UInt32.self, at: 0)))
        default:
            throw PostgresError.typeMismatch(Self.self, type)
        }
    }
}

extension Float: PostgresEncodable, PostgresDecodable {
    /// `real`
    @inlinable public static var postgresType: PostgresType { .float4 }

    /// Appends four bytes; infinities and NaN are kept.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) {
        buffer.append(bitPattern)
    }

    /// Appends a `real[]`.
    @inlinable
    public static func encodeArray(_ values: [Float], into buffer: inout PostgresBuffer) {
        _ = buffer.appendArrayHeader(of: .float4, count: values.count)
        buffer.appendFixedWidthFields(values) { $0.bitPattern }
    }

    /// Reads a `real`.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        guard type == .float4, bytes.count == 4 else {
            throw PostgresError.typeMismatch(Self.self, type)
        }
        self = Float(bitPattern: bytes.bigEndian(UInt32.self, at: 0))
    }
}
