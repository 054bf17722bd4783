/// An event and its stream, for appends in which the order among streams matters, such as an import.
public struct StreamEvent: Hashable, Sendable {
    /// The stream.
    public var stream: StreamName
    /// The event.
    public var event: NewEvent

    /// Creates an event for a stream.
    public init(_ stream: StreamName, _ event: NewEvent) {
        self.stream = stream
        self.event = event
    }
}
