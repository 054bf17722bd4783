/// Why a task cannot be done for an event. A subscriber's handler throws it, and it counts as handed in.
public struct TaskFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The reason, for people.
    public var reason: String

    /// Says why it cannot be done.
    public init(_ reason: String) { self.reason = reason }

    /// The reason.
    public var description: String { reason }
}
