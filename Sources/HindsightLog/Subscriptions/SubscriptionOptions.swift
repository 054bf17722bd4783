public import HindsightValues

/// What a subscription reads, where it starts, and how it hands events over.
public struct SubscriptionOptions: Sendable {
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
    /// How many events may be handled at once, all of different keys, 1 or more. Defaults to `1`: one event after the other, in the order
    /// of the log.
    ///
    /// For handlers that wait for something else, such as another service. ``Subscription`` says what stays true.
    public var keysInFlight = 1
    /// The key of an event: events of one key are handled one after the other, in the order of the log. Defaults to the name of the
    /// event's stream. Not called while one event is handled at a time. It has to say the same for the same event each time.
    public var key: @Sendable (RecordedEvent) -> String = { $0.stream.rawValue }
    /// How many events are read ahead, from the first one on that is not handled yet, 1 or more. With several keys in flight it bounds how
    /// far beyond a slow event others are handled. Defaults to `256`.
    public var bufferSize = 256
    /// How many bytes of data and metadata are read ahead of the handlers; a single event may have more. Defaults to 32
    /// MiB.
    public var bufferBytes = EventBatch.defaultBytes
    /// How long a durable name stays taken if its reader hangs. A reader that dies is replaced at once. Defaults to 10
    /// seconds.
    public var leaseDuration: Duration = .seconds(10)
    /// How often the lag of a durable subscription is measured if the program has bootstrapped a metrics system, with a short query.
    /// Without one nothing is measured. Defaults to 5 seconds.
    public var metricsInterval: Duration = .seconds(5)

    /// Creates options.
    public init(name: String? = nil, start: Start = .beginning, filter: EventFilter = .all) {
        self.name = name
        self.start = start
        self.filter = filter
    }
}
