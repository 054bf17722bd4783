/// The events that an append adds to one stream, and the state that it expects of the stream.
public struct StreamAppend: Sendable {
    /// The stream to which the events are appended.
    public var stream: StreamName
    /// The events, in the order that they will have in the stream.
    public var events: [NewEvent]
    /// The state that the stream must have. Defaults to ``ExpectedVersion/any``.
    public var expected: ExpectedVersion

    /// Creates an append to one stream.
    public init(_ stream: StreamName, _ events: [NewEvent], expected: ExpectedVersion = .any) {
        self.stream = stream
        self.events = events
        self.expected = expected
    }
}
