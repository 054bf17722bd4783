public import HindsightLog
public import HindsightValues

/// A key whose row lacks events, because one of them could not be folded.
public struct ParkedKey: Hashable, Sendable {
    /// The texts of the key's columns, in declared order.
    public var key: [String]
    /// The position of the event that could not be folded. The row is as it was before it.
    public var position: Int64
    /// That event; nil if the log does not hold it any more.
    public var event: RecordedEvent?
    /// Why it could not be folded.
    public var error: String
    /// How many events the row lacks: this one, and those that wait behind it.
    public var events: Int64
    /// The position of the last of them.
    public var lastPosition: Int64
    /// When the key was parked, by the server's clock.
    public var parkedAt: Timestamp
    /// True if each of these events is noted, so that they can be retried. Beyond 1,000 they are only counted, and the row has to be
    /// folded anew.
    public var isComplete: Bool
}

/// The result of retrying parked keys.
public struct RetryReport: Hashable, Sendable {
    /// The projection's name.
    public var name: String
    /// The version whose rows were folded on.
    public var version: Int
    /// The number of keys whose rows have all of their events now.
    public var healed: Int
    /// The keys that remain parked, because an event still fails, or because not all of their events are noted.
    public var remaining: [ParkedKey]
}
