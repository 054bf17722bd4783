package import HindsightLog

/// An event type that a projection handles.
@usableFromInline
package struct HandledEvents: Sendable {
    /// The type's name in the log.
    @usableFromInline let type: String
    /// The stored names of events that can be read as the type.
    package let storedTypes: @Sendable (EventRegistry) -> Set<String>
    /// Makes the type known to a registry.
    package let note: @Sendable (inout EventRegistry) -> Void
    /// Reads an event's data as the projection will, given its stored name and schema version.
    package let check: @Sendable (EventRegistry, String, Int, UnsafeRawBufferPointer) throws -> Void

    init<E: Event>(_ type: E.Type) {
        self.type = E.eventType
        storedTypes = { $0.storedTypes(of: type) }
        note = { $0.note(type) }
        check = { registry, name, version, data in _ = try registry.decode(type, name, version, from: data) }
    }
}

extension EventRegistry {
    /// The same types, and those that projections handle, which need not be registered.
    package func including(_ projections: [ProjectionDefinition]) -> EventRegistry {
        var registry = self
        for events in projections.flatMap(\.events) { events.note(&registry) }
        return registry
    }
}
