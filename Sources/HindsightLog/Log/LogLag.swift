/// How far behind a reader is.
public struct LogLag: Hashable, Sendable {
    /// How many events the reader has yet to see; if not ``isExact``, there are more than this.
    public var events: Int64
    /// False if counting stopped at the caller's limit, or if the log can only give an upper bound.
    public var isExact: Bool
    /// How many seconds ago the oldest of them was recorded; 0 if there is none.
    public var seconds: Double

    /// No lag.
    public static let none = LogLag(events: 0, seconds: 0)
    /// The default limit up to which events are counted.
    public static let defaultLimit: Int64 = 100_000

    /// Creates a lag.
    public init(events: Int64, isExact: Bool = true, seconds: Double) {
        self.events = events
        self.isExact = isExact
        self.seconds = seconds
    }

    /// Creates the lag of a reader from a count with a limit: `found` is at most one more than `limit`.
    public init(found: Int64, limit: Int64, seconds: Double) {
        self.init(events: min(found, limit), isExact: found <= limit, seconds: seconds)
    }
}

extension LogLag: CustomStringConvertible {
    /// "17" or "more than 100000".
    public var description: String { isExact ? "\(events)" : "more than \(events)" }
}
