#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension UUID: PostgresEncodable, PostgresDecodable {
    /// `uuid`
    @inlinable public static var postgresType: PostgresType { .uuid }

    /// Appends sixteen bytes.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) {
        withUnsafeBytes(of: uuid) { buffer.append($0) }
    }

    /// Appends a `uuid[]`.
    @inlinable
    public static func encodeArray(_ values: [UUID], into buffer: inout PostgresBuffer) {
        _ = buffer.appendArrayHeader(of: .uuid, count: values.count)
        buffer.appendFixedWidthFields(values) { value in
            UInt128(bigEndian: withUnsafeBytes(of: value.uuid) { $0.loadUnaligned(as: UInt128.self) })
        }
    }

    /// Reads a `uuid`.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        guard type == .uuid, bytes.count == 16 else {
            throw PostgresError.typeMismatch(Self.self, type)
        }
        self.init(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }
}
