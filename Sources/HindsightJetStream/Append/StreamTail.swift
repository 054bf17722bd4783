#if NATS
    /// Where a stream ends.
    package struct StreamTail: Equatable, Sendable {
        /// The position of its last event; 0 if it has none.
        package var position: Int64
        /// The version of its last event; -1 if it has none.
        package var version: Int64

        /// A stream without events.
        package static let none = StreamTail(position: 0, version: -1)
    }
#endif
