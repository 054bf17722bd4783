/// Events of a stream or of a log, in the requested order: as many as the caller's limits allow.
public struct EventPage: Hashable, Sendable {
    /// The events.
    public var events: [RecordedEvent]
    /// True if the page ends because of a limit: there may be more events behind its last one.
    public var isCut: Bool

    /// Creates a page.
    public init(_ events: [RecordedEvent], isCut: Bool) {
        self.events = events
        self.isCut = isCut
    }
}
