/// How far a reader is behind.
public struct LogLag: Hashable, Sendable {
    /// How many events it has yet to see; if not ``isExact``, there are more than this.
    public var events: Int64
    /// False where counting stopped at the caller's limit, or where the log can only say how many there are at most.
    public var isExact: Bool
    /// How long ago in seconds the oldest of them was recorded; 0 when there is none.
    public var seconds: Double

    /// Nothing to see.
    public static let none = LogLag(events: 0, seconds: 0)
    /// Up to how many events are counted unless the caller says otherwise: 100,000.
    public static let defaultLimit: Int64 = 100_000

    /// A lag.
    public init(events: Int64, isExact: Bool = true, seconds: Double) {
        self.events = events
        self.isExact = isExact
        self.seconds = seconds
    }

    /// The lag of a reader for which at most `limit` events were to be counted and `found` were found, one more than the limit at most.
    public init(found: Int64, limit: Int64, seconds: Double) {
        self.init(events: min(found, limit), isExact: found <= limit, seconds: seconds)
    }
}

extension LogLag: CustomStringConvertible {
    /// "17" or "more than 100000".
    public var description: String { isExact ? "\(events)" : "more than \(events)" }
}
