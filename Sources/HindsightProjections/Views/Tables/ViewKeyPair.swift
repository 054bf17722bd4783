/// The key of a view that has two key columns.
public struct ViewKeyPair<First: Hashable & Sendable, Second: Hashable & Sendable>: Hashable, Sendable {
    /// The first key column's value.
    public var first: First
    /// The second key column's value.
    public var second: Second

    /// Creates a key.
    @inlinable
    public init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }
}
