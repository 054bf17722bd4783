/// A `json` value, byte for byte as it is stored.
public struct PostgresJSON: Hashable, Sendable {
    /// The text in UTF-8.
    public var bytes: [UInt8]

    /// Takes the text as it is; the server checks that it is JSON.
    @inlinable
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Takes the text as it is; the server checks that it is JSON.
    @inlinable
    public init(_ text: String) {
        self.bytes = Array(text.utf8)
    }

    /// Takes the text as it is; the server checks that it is JSON.
    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = Array(bytes)
    }

    /// The text as a string.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension PostgresJSON: PostgresEncodable, PostgresDecodable {
    /// `json`
    @inlinable public static var postgresType: PostgresType { .json }

    /// Appends the text.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) {
        buffer.append(bytes)
    }

    /// Appends a `json[]`.
    @inlinable
    public static func encodeArray(_ values: [PostgresJSON], into buffer: inout PostgresBuffer) throws {
        _ = buffer.appendArrayHeader(of: .json, count: values.count)
        try buffer.appendFields(values, byteCount: { $0.bytes.count }) { value, target in
            value.bytes.withUnsafeBytes { target.copyMemory(from: $0) }
        }
    }

    /// Reads a `json` or `jsonb` value.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        if type == .json {
            self.bytes = Array(bytes)
        } else {
            self.bytes = Array(try PostgresJSONB.text(of: bytes, type: type))
        }
    }
}
