/// Where the events of an append stand.
public struct AppendResult: Hashable, Sendable {
    /// The position of the last event in the log. A reader that has applied this position has seen the whole append.
    public var position: Int64
    /// The version of the last event in its stream.
    public var version: Int64
    /// True when the events were stored already, by an earlier append of the same ids.
    public var isDuplicate: Bool

    /// A result.
    public init(position: Int64, version: Int64, isDuplicate: Bool) {
        self.position = position
        self.version = version
        self.isDuplicate = isDuplicate
    }
}
