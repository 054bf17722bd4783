extension Int64: PostgresEncodable, PostgresDecodable {
    /// `bigint`
    @inlinable public static var postgresType: PostgresType { .int8 }

    /// Appends eight bytes.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) {
        buffer.append(self)
    }

    /// Appends a `bigint[]`.
    @inlinable
    public static func encodeArray(_ values: [Int64], into buffer: inout PostgresBuffer) {
        _ = buffer.appendArrayHeader(of: .int8, count: values.count)
        buffer.appendFixedWidthFields(values) { $0 }
    }

    /// Reads a `smallint`, `integer`, `bigint`, `oid`, `xid` or an `xid8` that fits.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        switch (type, bytes.count) {
        case (.int8, 8):
            self = bytes.bigEndian(Int64.self, at: 0)
        case (.int4, 4):
            self = Int64(bytes.bigEndian(Int32.self, at: 0))
        case (.int2, 2):
            self = Int64(bytes.bigEndian(Int16.self, at: 0))
        case (.oid, 4), (.xid, 4):
            self = Int64(bytes.bigEndian(UInt32.self, at: 0))
        case (.xid8, 8):
            guard let value = Int64(exactly: bytes.bigEndian(UInt64.self, at: 0)) else {
                throw PostgresError.outOfRange(Self.self, type)
            }
            self = value
        default:
            throw PostgresError.typeMismatch(Self.self, type)
        }
    }
}

extension Int: PostgresEncodable, PostgresDecodable {
    /// `bigint`
    @inlinable public static var postgresType: PostgresType { .int8 }

    /// Appends eight bytes.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) {
        buffer.append(Int64(self))
    }

    /// Appends a `bigint[]`.
    @inlinable
    public static func encodeArray(_ values: [Int], into buffer: inout PostgresBuffer) {
        _ = buffer.appendArrayHeader(of: .int8, count: values.count)
        buffer.appendFixedWidthFields(values) { Int64($0) }
    }

    /// Reads what `Int64` reads.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        self = Int(try Int64(postgres: bytes, type: type))
    }
}

extension Int32: PostgresEncodable, PostgresDecodable {
    /// `integer`
    @inlinable public static var postgresType: PostgresType { .int4 }

    /// Appends four bytes.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) {
        buffer.append(self)
    }

    /// Appends an `integer[]`.
    @inlinable
    public static func encodeArray(_ values: [Int32], into buffer: inout PostgresBuffer) {
        _ = buffer.appendArrayHeader(of: .int4, count: values.count)
        buffer.appendFixedWidthFields(values) { $0 }
    }

    /// Reads any integer type whose value fits.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        guard let value = Int32(exactly: try Int64(postgres: bytes, type: type)) else {
            throw PostgresError.outOfRange(Self.self, type)
        }
        self = value
    }
}

extension Int16: PostgresEncodable, PostgresDecodable {
    /// `smallint`
    @inlinable public static var postgresType: PostgresType { .int2 }

    /// Appends two bytes.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) {
        buffer.append(self)
    }

    /// Appends a `smallint[]`.
    @inlinable
    public static func encodeArray(_ values: [Int16], into buffer: inout PostgresBuffer) {
        _ = buffer.appendArrayHeader(of: .int2, count: values.count)
        buffer.appendFixedWidthFields(values) { $0 }
    }

    /// Reads any integer type whose value fits.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        guard let value = Int16(exactly: try Int64(postgres: bytes, type: type)) else {
            throw PostgresError.outOfRange(Self.self, type)
        }
        self = value
    }
}
