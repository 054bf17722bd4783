/// An event and the stream that it goes to, where the order among streams matters: an import.
public struct StreamEvent: Hashable, Sendable {
    /// The stream.
    public var stream: StreamName
    /// The event.
    public var event: NewEvent

    /// An event for a stream.
    public init(_ stream: StreamName, _ event: NewEvent) {
        self.stream = stream
        self.event = event
    }
}
