#if NATS
    import HindsightLog
    import HindsightNATS
    import HindsightValues

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    extension EventDecoder {
        /// The event of a message that a consumer delivered, if it is wanted.
        mutating func event(_ message: JetStreamMessage) throws -> RecordedEvent? {
            try message.message.withParts { subject, headers, payload in
                try event(
                    Message(
                        position: Int64(message.delivery.streamSequence), storedAt: Timestamp(message.delivery.time),
                        subject: subject, headers: headers, payload: payload))
            }
        }

        /// The event of one of the messages that a consumer delivered together, if it is wanted.
        mutating func event(_ parts: OrderedBatch.Parts) throws(EventLogError) -> RecordedEvent? {
            try event(
                Message(
                    position: Int64(parts.delivery.streamSequence), storedAt: Timestamp(parts.delivery.time),
                    subject: parts.subject, headers: parts.headers, payload: parts.payload))
        }

        /// Goes through the wanted events among messages that a consumer delivered together, in order.
        ///
        /// - Parameters:
        ///   - batch: the messages.
        ///   - body: called with one event after the other, and the bytes of its data; it answers whether to go on.
        mutating func forEachEvent(
            in batch: OrderedBatch, _ body: (consuming RecordedEvent, _ data: UnsafeRawBufferPointer) throws -> Bool
        ) throws {
            try batch.forEachParts { parts in
                guard let event = try event(parts) else { return true }
                return try body(event, parts.payload)
            }
        }

        /// The event of a message that was read by itself, if it is wanted.
        mutating func event(_ message: StoredMessage) throws -> RecordedEvent? {
            var subject = message.subject.rawValue
            return try subject.withUTF8 { subject in
                try message.withHeaderBytes { headers in
                    try message.withPayload { payload in
                        try event(
                            Message(
                                position: Int64(message.sequence), storedAt: Timestamp(message.time),
                                subject: UnsafeRawBufferPointer(subject), headers: headers, payload: payload))
                    }
                }
            }
        }
    }

    extension Offset {
        /// The place of an event's message.
        init(_ message: StoredMessage) throws {
            guard let id = message.withHeaderBytes({ EventDecoder.id($0) }) else {
                throw EventLogError(
                    .unusableLog,
                    "message \(message.sequence) of the log's stream is no event: it has no usable header \(EventHeader.id). Only Hindsight may publish to the stream"
                )
            }
            self.init(position: Int64(message.sequence), anchor: id)
        }

        /// The place of a message that a consumer delivered.
        init(_ message: JetStreamMessage) throws {
            let id = message.message.withParts { _, headers, _ in EventDecoder.id(headers) }
            guard let id else {
                throw EventLogError(
                    .unusableLog,
                    "message \(message.delivery.streamSequence) of the log's stream is no event: it has no usable header \(EventHeader.id). Only Hindsight may publish to the stream"
                )
            }
            self.init(position: Int64(message.delivery.streamSequence), anchor: id)
        }
    }

    extension JetStreamTime {
        /// A time as servers have it. What lies outside of the years that they know becomes the first or the last of them.
        init(_ time: Timestamp) {
            let range = (Int64.min / 1_000)...(Int64.max / 1_000)
            self.init(nanoseconds: min(max(time.microsecondsSince1970, range.lowerBound), range.upperBound) * 1_000)
        }
    }

    extension Timestamp {
        /// A time of a server, to the microsecond.
        init(_ time: JetStreamTime) {
            let (microseconds, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000)
            self.init(microsecondsSince1970: rest < 0 ? microseconds - 1 : microseconds)
        }
    }
#endif
