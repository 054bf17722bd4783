/// Decodes plain, synthesized `Codable` types from JSON with the results of Foundation's `JSONDecoder`, a flat event
/// many times as fast.
///
/// ```swift
/// struct OrderPlaced: Codable {
///     var sku: String
///     var quantity: Int
///     var unitPrice: ExactDecimal
/// }
/// let event = try JSONEventDecoder().decode(OrderPlaced.self, from: payload)
/// ```
///
/// It checks the whole document before it decodes, and is stricter than Foundation in what is JSON: RFC 8259 in UTF-8,
/// in every part, without trailing commas. `Date` has strategies, `Data` is Base64, keys are taken as they are. Types
/// with their own `init(from:)` work as well, even if they keep a container afterwards.
///
/// If a key occurs more than once in an object, its last value counts, as it does for PostgreSQL's `->` and `jsonb`, so
/// that a fold and a query agree about an event. (Foundation takes the first.) Keys are the same if strings are:
/// escapes do not matter, nor does the Unicode normal form, which PostgreSQL distinguishes.
///
/// A decoder and its copies can be used on any number of threads at once, and share some working memory. It is best
/// created once and kept.
public struct JSONEventDecoder: Sendable {
    /// How Foundation's `Date` is decoded. ``Timestamp`` from HindsightValues is always RFC 3339.
    public enum DateStrategy: Sendable {
        /// An RFC 3339 string, with up to nine digits of a second, of which six count.
        case iso8601
        /// A number of seconds since 1970-01-01T00:00:00Z.
        case secondsSince1970
        /// A number of seconds since 2001-01-01T00:00:00Z, as `Date` encodes itself.
        case deferredToDate
    }

    /// How Foundation's `Date` is decoded. Defaults to RFC 3339 strings.
    public var dateStrategy = DateStrategy.iso8601

    /// The content of `Decoder.userInfo`. Defaults to nothing.
    public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

    private let cache = JSONDocumentCache()

    /// A decoder with the default settings.
    public init() {}

    /// A decoder with the same settings and its own memory, for a thread that decodes a lot while others do the same.
    public func unshared() -> JSONEventDecoder {
        var decoder = JSONEventDecoder()
        decoder.dateStrategy = dateStrategy
        decoder.userInfo = userInfo
        return decoder
    }

    /// Decodes one JSON document, perhaps with white space around it.
    ///
    /// The bytes are read during the call only.
    ///
    /// - Throws: `DecodingError`, with the coding path of the value. If the document is not JSON, it is `dataCorrupted`
    ///   with an empty path, and its underlying error is a ``JSONError``. A type's own `init(from:)` can throw other
    ///   errors.
    public func decode<T: Decodable>(_ type: T.Type, from bytes: UnsafeRawBufferPointer) throws -> T {
        // Neither the cache nor the document is counted more often than it takes to know who else refers to them.
        try Unmanaged.passUnretained(cache)._withUnsafeGuaranteedRef { cache in
            let document = cache.take()
            defer { cache.putBack(document) }
            return try document._withUnsafeGuaranteedRef { document in
                try prepare(document, bytes, for: ObjectIdentifier(type))
                return try document.decode(type)
            }
        }
    }

    /// Decodes one JSON document, perhaps with white space around it.
    ///
    /// - Throws: as ``decode(_:from:)-(T.Type,UnsafeRawBufferPointer)`` does.
    @inlinable
    public func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        try bytes.withUnsafeBytes { try decode(type, from: $0) }
    }

    /// Decodes one JSON document, perhaps with white space around it, from a slice, from `Data` or any other bytes.
    ///
    /// - Throws: as ``decode(_:from:)-(T.Type,UnsafeRawBufferPointer)`` does.
    @inlinable
    public func decode<T: Decodable>(_ type: T.Type, from bytes: some Collection<UInt8>) throws -> T {
        let value = try bytes.withContiguousStorageIfAvailable { buffer in
            try decode(type, from: UnsafeRawBufferPointer(buffer))
        }
        return try value ?? Array(bytes).withUnsafeBytes { try decode(type, from: $0) }
    }

    private func prepare(
        _ document: JSONDocument, _ bytes: UnsafeRawBufferPointer, for type: ObjectIdentifier
    ) throws {
        document.state.pointee.dateStrategy = dateStrategy
        if !userInfo.isEmpty || !document.state.pointee.userInfo.isEmpty {
            document.state.pointee.userInfo = userInfo
        }
        do throws(JSONError) {
            try document.scan(bytes.assumingMemoryBound(to: UInt8.self), for: type)
        } catch {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: [], debugDescription: "The given data was not valid JSON: \(error).",
                    underlyingError: error))
        }
    }
}
