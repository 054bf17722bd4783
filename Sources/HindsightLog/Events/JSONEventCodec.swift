import HindsightJSON

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The default codec of a registry: JSON with sorted keys, dates in ISO 8601, and a decoder made for events, which
/// takes plain `Codable` types and gives the same results as Foundation's.
public struct JSONEventCodec: EventCodec {
    private var decoder = JSONEventDecoder()

    /// Creates a codec; it has no settings.
    public init() {}

    /// A codec whose decoder has its own memory.
    public func unshared() -> JSONEventCodec {
        var codec = self
        codec.decoder = decoder.unshared()
        return codec
    }

    /// The value as JSON with sorted keys, so that equal values have equal bytes.
    public func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return Array(try encoder.encode(value))
    }

    /// The value in the JSON text.
    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try decoder.decode(type, from: bytes)
    }

    /// The value in the JSON text, without a copy of it.
    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: UnsafeRawBufferPointer) throws -> Value {
        try decoder.decode(type, from: bytes)
    }
}
