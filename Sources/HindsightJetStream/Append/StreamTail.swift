#if NATS
    package import HindsightLog
    import HindsightNATS
    package import HindsightValues

    /// Where a stream ends, and how young its events can be.
    package struct StreamTail: Equatable, Sendable {
        /// How young some events of a stream can be.
        package struct Age: Equatable, Sendable {
            /// When the last of them was stored: by the clock of the servers, or by that of this process, which had the ack then.
            package var storedAt: Timestamp
            /// The last id that this process had made by then, or the last one of its own among them (``IDOrigin``).
            package var lastID: UInt64

            package init(storedAt: Timestamp, lastID: UInt64) {
                self.storedAt = storedAt
                self.lastID = lastID
            }
        }

        /// The position of its last event; 0 if it has none.
        package var position: Int64
        /// The version of its last event; -1 if it has none.
        package var version: Int64
        /// The age of the events that this process has found there; `nil` if there were none.
        package var found: Age?
        /// The age of the events that it has appended behind them; `nil` if there are none.
        package var appended: Age?

        package init(position: Int64, version: Int64, found: Age? = nil, appended: Age? = nil) {
            self.position = position
            self.version = version
            self.found = found
            self.appended = appended
        }

        /// A stream without events.
        package static let none = StreamTail(position: 0, version: -1)

        /// The end of a stream behind an append.
        ///
        /// - Parameters:
        ///   - result: where the append ends in the stream. The server has compared where it began with this end.
        ///   - age: the age of its events.
        package func extended(to result: AppendResult, _ age: Age) -> StreamTail {
            let lastID = max(age.lastID, appended?.lastID ?? 0)
            return StreamTail(
                position: result.position, version: result.version, found: found,
                appended: Age(storedAt: age.storedAt, lastID: lastID))
        }
    }

    extension StreamTail {
        /// The end of a stream whose last event was found.
        ///
        /// - Parameters:
        ///   - event: the event, which an answer has brought before this is called.
        ///   - time: when the server stored it.
        init(_ event: RecordedEvent, storedAt time: JetStreamTime) {
            self.init(
                position: event.position, version: event.version,
                found: Age(storedAt: Timestamp(time), lastID: IDOrigin.latest))
        }
    }

    extension LogStream {
        /// Where a stream ends, from the leader.
        func tail(of name: StreamName) async throws -> StreamTail {
            var decoder = EventDecoder(mapping, fields: [])
            guard let message = try await message(.last(subject(of: name))), let event = try decoder.event(message)
            else { return .none }
            return StreamTail(event, storedAt: message.time)
        }
    }
#endif
