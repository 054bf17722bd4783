/// The place of an append's events in the log.
public struct AppendResult: Hashable, Sendable {
    /// The position of the last event in the log. A reader that has applied this position has seen the whole append.
    public var position: Int64
    /// The version of the last event in its stream.
    public var version: Int64
    /// True if the events were already stored by an earlier append of the same ids.
    public var isDuplicate: Bool

    /// Creates a result.
    public init(position: Int64, version: Int64, isDuplicate: Bool) {
        self.position = position
        self.version = version
        self.isDuplicate = isDuplicate
    }
}
