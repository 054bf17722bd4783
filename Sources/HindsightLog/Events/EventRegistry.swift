public import HindsightValues

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Maps the name and schema version of an event type to its Swift type, and reads and writes its bytes.
///
/// Types that a projection handles need no registration; upcasters do, and types that are appended only.
///
/// ```swift
/// var events = EventRegistry(OrderPlaced.self)                            // schema version 2
/// events.upcast(from: OrderPlacedV1.self, to: OrderPlaced.self) { old in  // what was stored as version 1
///     OrderPlaced(customer: old.customer, total: old.amount, currency: "GBP")
/// }
/// ```
public struct EventRegistry: Sendable {
    /// A type's name and schema version, as an event carries them.
    struct Key: Hashable, Sendable {
        var type: String
        var schemaVersion: Int
    }

    /// An older shape, with the step from it to a newer one.
    struct Upcaster: Sendable {
        var from: Key
        var target: ObjectIdentifier
        /// Reads the older shape's bytes, or takes the older value itself, and returns the newer value.
        var transform: @Sendable (any Event) throws -> any Event
        var decode: @Sendable (any EventCodec, [UInt8]) throws -> any Event
        var source: ObjectIdentifier
    }

    /// How bytes are read and written.
    public private(set) var codec: any EventCodec
    /// The Swift type of each registered name and schema version.
    private(set) var registered: [Key: any Event.Type] = [:]
    private(set) var upcasters: [Upcaster] = []

    /// Creates a registry of types.
    ///
    /// ```swift
    /// let events = EventRegistry(OrderPlaced.self, OrderCancelled.self)
    /// ```
    public init<each E: Event>(_ types: repeat (each E).Type, codec: any EventCodec = JSONEventCodec()) {
        self.codec = codec
        for type in repeat each types { register(type) }
    }

    /// The same types, with a codec for a single task.
    package func unshared() -> EventRegistry {
        var registry = self
        registry.codec = codec.unshared()
        return registry
    }

    /// Registers a type. Registering another type with the same name and schema version is a programming error and
    /// traps.
    public mutating func register<E: Event>(_ type: E.Type) {
        let key = Key(type: E.eventType, schemaVersion: E.schemaVersion)
        let before = registered.updateValue(type, forKey: key)
        precondition(
            before == nil || before == type,
            "two Swift types are registered for event type \(key.type), schema version \(key.schemaVersion)")
    }

    /// Makes a type known unless its name and schema version are: a projection may read an event as a smaller type of its
    /// own.
    package mutating func note<E: Event>(_ type: E.Type) {
        let key = Key(type: E.eventType, schemaVersion: E.schemaVersion)
        if registered[key] == nil { registered[key] = type }
    }

    /// Defines how an older shape becomes a newer one. Steps chain: from version 1 to 2 and from 2 to 3 is enough.
    ///
    /// - Parameters:
    ///   - old: the older shape, with its own ``Event/schemaVersion``, and its own ``Event/eventType`` if the type was
    ///     renamed.
    ///   - new: the newer shape.
    ///   - transform: makes the newer value; an error that it throws stops the projections that want the event.
    public mutating func upcast<Old: Event, New: Event>(
        from old: Old.Type, to new: New.Type, _ transform: @escaping @Sendable (Old) throws -> New
    ) {
        register(old)
        register(new)
        upcasters.append(
            Upcaster(
                from: Key(type: Old.eventType, schemaVersion: Old.schemaVersion), target: ObjectIdentifier(new),
                transform: { value in
                    guard let value = value as? Old else {
                        throw EventDecodingError("an upcaster for \(Old.self) was given another type")
                    }
                    return try transform(value)
                },
                decode: { codec, bytes in try codec.decode(Old.self, from: bytes) },
                source: ObjectIdentifier(old)))
    }

    /// Encodes a typed event, ready to be appended.
    ///
    /// - Parameters:
    ///   - id: the event's identity. Defaults to `nil`: a new UUID of version 7.
    ///   - occurredAt: when it happened. Defaults to now.
    ///   - metadata: free metadata as JSON text in UTF-8.
    /// - Throws: what the codec throws.
    public func encode<E: Event>(
        _ event: E, id: UUID? = nil, occurredAt: Timestamp = .now(), correlationID: String? = nil,
        causationID: String? = nil, metadata: [UInt8]? = nil
    ) throws -> NewEvent {
        NewEvent(
            type: E.eventType, schemaVersion: E.schemaVersion, data: try codec.encode(event), id: id,
            occurredAt: occurredAt, correlationID: correlationID, causationID: causationID, metadata: metadata)
    }

    /// Decodes a recorded event as a value of a type, upcast if it was stored in an older shape.
    ///
    /// - Throws: ``EventDecodingError`` when the event is of another type or schema version; what the codec throws.
    public func decode<E: Event>(_ type: E.Type, from event: RecordedEvent) throws -> E {
        try event.data.withUnsafeBytes { try decode(type, event.type, event.schemaVersion, from: $0) }
    }

    /// The same, for data that is stored separately.
    package func decode<E: Event>(
        _ type: E.Type, _ storedType: String, _ schemaVersion: Int, from bytes: UnsafeRawBufferPointer
    ) throws -> E {
        let key = Key(type: storedType, schemaVersion: schemaVersion)
        if key.type == E.eventType, key.schemaVersion == E.schemaVersion {
            return try codec.decode(type, from: bytes)
        }
        guard let path = path(from: key, to: ObjectIdentifier(type)) else {
            throw EventDecodingError(
                """
                \(storedType) of schema version \(schemaVersion) cannot be read as \(E.self), which is schema version \
                \(E.schemaVersion): register an upcaster, or run a program that knows the version
                """)
        }
        var value = try path[0].decode(codec, [UInt8](bytes))
        for step in path { value = try step.transform(value) }
        guard let value = value as? E else {
            throw EventDecodingError("the upcasters of \(storedType) do not end at \(E.self)")
        }
        return value
    }

    /// The stored type names of events that can be read as a type: its own, and those of older shapes.
    package func storedTypes<E: Event>(of type: E.Type) -> Set<String> {
        var names: Set<String> = [E.eventType]
        for upcaster in upcasters where path(from: upcaster.from, to: ObjectIdentifier(type)) != nil {
            names.insert(upcaster.from.type)
        }
        return names
    }

    /// The steps from a stored shape to a type; nil if there is no way.
    private func path(from key: Key, to target: ObjectIdentifier) -> [Upcaster]? {
        guard var step = upcasters.first(where: { $0.from == key }) else { return nil }
        var path = [step]
        while step.target != target {
            // Each step is used once, so a circle ends.
            guard let next = upcasters.first(where: { $0.source == step.target }), path.count <= upcasters.count else {
                return nil
            }
            step = next
            path.append(step)
        }
        return path
    }
}
