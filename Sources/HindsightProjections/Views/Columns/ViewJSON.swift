import HindsightJSON
public import HindsightPostgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A `Codable` value that a row holds as a whole, stored as `jsonb`.
///
/// ```swift
/// struct Address: ViewJSON {
///     var street = ""
///     var city = ""
/// }
/// ```
///
/// It must be equal to what it is decoded to after it was encoded.
public protocol ViewJSON: ViewValue, Codable {}

extension ViewJSON {
    /// `jsonb`
    @inlinable public static var postgresType: PostgresType { .jsonb }

    /// Appends the value as JSON.
    ///
    /// - Throws: what encoding it throws.
    public func encode(into buffer: inout PostgresBuffer) throws {
        PostgresJSONB(try ColumnJSON.encode(self)).encode(into: &buffer)
    }

    /// Reads a value from JSON.
    ///
    /// - Throws: `DecodingError`.
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        self = try ColumnJSON.decode(Self.self, from: try PostgresJSONB(postgres: bytes, type: type).bytes)
    }

    /// The JSON text.
    public var columnText: String? { ColumnJSON.text(self) }
    /// The value in JSON text.
    public init?(columnText text: String) {
        guard let value = ColumnJSON.value(Self.self, text) else { return nil }
        self = value
    }

    /// Twice the JSON text: strings and arrays in memory take more than their text.
    public var heapByteCount: Int { 2 * (columnText?.utf8.count ?? 0) }
}

/// How values in `jsonb` columns are written and read.
enum ColumnJSON {
    private static let decoder = {
        var decoder = JSONEventDecoder()
        // As a date encodes itself, which is exact.
        decoder.dateStrategy = .deferredToDate
        return decoder
    }()

    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try decoder.decode(type, from: bytes)
    }

    /// The value as text; nil if it cannot be encoded, which writing it reports.
    static func text(_ value: some Encodable) -> String? {
        (try? encode(value)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The value in a text; nil if the text is not one.
    static func value<Value: Decodable>(_ type: Value.Type, _ text: String) -> Value? {
        try? decode(type, from: Array(text.utf8))
    }
}
