/// How typed events become bytes and come back. The bytes must be JSON text, since the log stores `json`.
public protocol EventCodec: Sendable {
    /// The bytes of an event. The same value must always give the same bytes: an append that is made again is recognised by
    /// its ids and its data.
    func encode<Value: Encodable>(_ value: Value) throws -> [UInt8]
    /// The event in the bytes.
    func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value
    /// The event in bytes that are valid during the call only. By default it copies them and calls the other one.
    func decode<Value: Decodable>(_ type: Value.Type, from bytes: UnsafeRawBufferPointer) throws -> Value
    /// A codec with the same results, for a task that decodes much while others do the same: what it works in, it should not
    /// share with this one. By default the codec itself.
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
