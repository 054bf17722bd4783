extension StreamEvent {
    /// True if the other event has the same content, so that an event with a known id is a repetition.
    package func isSame(as other: StreamEvent) -> Bool {
        isSame(stream: other.stream, type: other.event.type, data: other.event.data)
    }

    /// True if a stored event has the same content.
    package func isSame(as stored: RecordedEvent) -> Bool {
        isSame(stream: stored.stream, type: stored.type, data: stored.data)
    }

    /// In JSON, a line end can only be white space, and export writes a space in its place.
    private func isSame(stream: StreamName, type: String, data: [UInt8]) -> Bool {
        func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
        func plain(_ byte: UInt8) -> UInt8 { isLineEnd(byte) ? UInt8(ascii: " ") : byte }
        return stream == self.stream && type == event.type && data.count == event.data.count
            && (data == event.data || data.lazy.map(plain).elementsEqual(event.data.lazy.map(plain)))
    }
}
