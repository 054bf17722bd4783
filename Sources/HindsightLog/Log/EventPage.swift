/// Events of a stream or of a log, in the order that was asked for: as many as the caller's limits allow.
public struct EventPage: Hashable, Sendable {
    /// The events.
    public var events: [RecordedEvent]
    /// True when the page ends because of a limit: there may be more behind its last event.
    public var isCut: Bool

    /// A page.
    public init(_ events: [RecordedEvent], isCut: Bool) {
        self.events = events
        self.isCut = isCut
    }
}
