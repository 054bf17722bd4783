public import HindsightLog

/// An event of the stream that a command concerns, while the stream's state is folded.
public struct HistoricEvent: Sendable {
    /// The event as it is stored.
    public let recorded: RecordedEvent
    private let registry: EventRegistry

    init(_ recorded: RecordedEvent, _ registry: EventRegistry) {
        self.recorded = recorded
        self.registry = registry
    }

    /// The event as a value of a type, upcast if it was stored in an older shape; nil if it is of another type.
    ///
    /// - Throws: as `EventRegistry.decode(_:from:)` does.
    public func decode<E: Event>(_ type: E.Type = E.self) throws -> E? {
        guard recorded.type == E.eventType || registry.storedTypes(of: type).contains(recorded.type) else {
            return nil
        }
        return try registry.decode(type, from: recorded)
    }
}
