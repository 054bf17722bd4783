#if NATS
    import HindsightLog
    import HindsightNATS
    import HindsightValues

    /// Where a stream ends.
    package struct StreamTail: Equatable, Sendable {
        /// The position of its last event; 0 if it has none.
        package var position: Int64
        /// The version of its last event; -1 if it has none.
        package var version: Int64

        /// A stream without events.
        package static let none = StreamTail(position: 0, version: -1)
    }

    extension LogStream {
        /// Where a stream ends, from the leader.
        func tail(of name: StreamName) async throws -> StreamTail {
            try await end(of: name)?.tail ?? .none
        }

        /// Where a stream ends and when its last event was stored, from the leader; `nil` if it has none.
        func end(of name: StreamName) async throws -> (tail: StreamTail, storedAt: Timestamp)? {
            var decoder = EventDecoder(mapping, fields: [])
            guard let message = try await message(.last(subject(of: name))), let event = try decoder.event(message)
            else {
                return nil
            }
            return (StreamTail(position: event.position, version: event.version), Timestamp(message.time))
        }
    }
#endif
