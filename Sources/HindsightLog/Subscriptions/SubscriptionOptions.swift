public import HindsightValues

/// What a subscription reads, and where it starts.
public struct SubscriptionOptions: Hashable, Sendable {
    /// Where a subscription starts. A subscription with a durable name starts there the first time, and afterwards
    /// where it stopped.
    public enum Start: Hashable, Sendable {
        /// With the first event of the log.
        case beginning
        /// With the first event that is appended from now on.
        case now
        /// With the first event at or after a position.
        case position(Int64)
        /// With the first event that was recorded at or after a time.
        case time(Timestamp)
    }

    /// The durable name, 1 to 256 bytes; nil for a subscription that does not store its offset. One name may be used on
    /// several logs.
    public var name: String?
    /// Where to start.
    public var start: Start
    /// Which events to deliver.
    public var filter: EventFilter
    /// How many events are read ahead of the handler, 1 or more. Defaults to `256`.
    public var bufferSize = 256
    /// How many bytes of data and metadata are read ahead of the handler; a single event may have more. Defaults to 32
    /// MiB.
    public var bufferBytes = EventBatch.defaultBytes
    /// How long a durable name stays taken if its reader hangs. A reader that dies is replaced at once. Defaults to 10
    /// seconds.
    public var leaseDuration: Duration = .seconds(10)

    /// Creates options.
    public init(name: String? = nil, start: Start = .beginning, filter: EventFilter = .all) {
        self.name = name
        self.start = start
        self.filter = filter
    }
}
