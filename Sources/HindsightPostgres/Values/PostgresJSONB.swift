/// A `jsonb` value as JSON text. The server keeps the value, not the text: white space, key order and duplicate keys
/// are lost.
public struct PostgresJSONB: Hashable, Sendable {
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

    /// The text as a string.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension PostgresJSONB: PostgresEncodable, PostgresDecodable {
    /// `jsonb`
    @inlinable public static var postgresType: PostgresType { .jsonb }

    /// Appends the format's version, 1, and the text.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) {
        buffer.append(UInt8(1))
        buffer.append(bytes)
    }

    /// Reads a `jsonb` or `json` value.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        if type == .json {
            self.bytes = Array(bytes)
        } else {
            self.bytes = Array(try Self.text(of: bytes, type: type))
        }
    }

    /// The JSON text inside the binary form of a `jsonb`.
    @usableFromInline
    static func text(of bytes: UnsafeRawBufferPointer, type: PostgresType) throws -> UnsafeRawBufferPointer {
        guard type == .jsonb, bytes.first == 1 else {
            throw PostgresError.typeMismatch(String.self, type)
        }
        return UnsafeRawBufferPointer(rebasing: bytes[1...])
    }
}
