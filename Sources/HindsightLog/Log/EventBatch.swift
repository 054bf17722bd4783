/// The events that a reader gets at once: wanted events of a log, in order.
public struct EventBatch: Sendable {
    /// The events that the reader wants.
    public var events: [RecordedEvent]
    /// How far the batch reaches: the reader's offset once it has handled the events, even if there are none. It is
    /// always the place of an event that was visible.
    public var through: Offset
    /// The frontier when the batch was read: the highest position below which nothing can still appear.
    public var frontier: Offset
    /// True while an open append holds the frontier below positions that are already drawn: there may be more events in
    /// a moment.
    public var isHeld: Bool

    /// True when the batch reaches the frontier.
    public var isAtFrontier: Bool { through.position >= frontier.position }

    /// The default limit on the data and metadata of the events that a log returns at once: 32 MiB.
    public static let defaultBytes = 32 << 20

    /// Creates a batch.
    public init(events: [RecordedEvent], through: Offset, frontier: Offset, isHeld: Bool = false) {
        self.events = events
        self.through = through
        self.frontier = frontier
        self.isHeld = isHeld
    }
}
