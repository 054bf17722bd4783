/// The events that one append adds to one stream, and what it expects to find there.
public struct StreamAppend: Sendable {
    /// The stream that the events go to.
    public var stream: StreamName
    /// The events, in the order that they get in the stream.
    public var events: [NewEvent]
    /// What the stream must look like. Defaults to ``ExpectedVersion/any``.
    public var expected: ExpectedVersion

    /// Events for one stream.
    public init(_ stream: StreamName, _ events: [NewEvent], expected: ExpectedVersion = .any) {
        self.stream = stream
        self.events = events
        self.expected = expected
    }
}
