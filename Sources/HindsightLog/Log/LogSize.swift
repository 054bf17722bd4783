/// How much there is in a log.
public struct LogSize: Hashable, Sendable {
    /// How many events.
    public var events: Int64
    /// How many streams.
    public var streams: Int64

    /// A size.
    public init(events: Int64, streams: Int64) {
        self.events = events
        self.streams = streams
    }
}
