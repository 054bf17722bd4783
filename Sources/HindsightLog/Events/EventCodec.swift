/// Converts typed events to bytes and back. The bytes must be JSON text, since the log stores `json`.
public protocol EventCodec: Sendable {
    /// The bytes of an event. The same value must always give the same bytes: a repeated append is recognised by its
    /// ids and its data.
    func encode<Value: Encodable>(_ value: Value) throws -> [UInt8]
    /// The event in the bytes.
    func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value
    /// The event in bytes that are valid only during the call. Defaults to decoding a copy of the bytes.
    func decode<Value: Decodable>(_ type: Value.Type, from bytes: UnsafeRawBufferPointer) throws -> Value
    /// A codec with the same results, for a task that decodes many events while other tasks do the same: it should
    /// share no working memory with this one. Defaults to the codec itself.
    func unshared() -> Self
}

extension EventCodec {
    /// The codec itself.
    public func unshared() -> Self { self }

    /// The event in a copy of the bytes.
    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: UnsafeRawBufferPointer) throws -> Value {
        try decode(type, from: [UInt8](bytes))
    }
}
