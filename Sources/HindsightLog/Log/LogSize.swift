/// The size of a log.
public struct LogSize: Hashable, Sendable {
    /// The number of events.
    public var events: Int64
    /// The number of streams.
    public var streams: Int64

    /// Creates a size.
    public init(events: Int64, streams: Int64) {
        self.events = events
        self.streams = streams
    }
}
