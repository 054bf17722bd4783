#if NATS
    package import HindsightLog
    import HindsightJSON
    import HindsightNATS

    #if canImport(FoundationEssentials)
        package import FoundationEssentials
    #else
        package import Foundation
    #endif

    extension JetStreamEventLog {
        /// Where a mirror ends.
        package struct MirrorEnd: Sendable {
            /// The sequence of its last message, which is the number of its events; 0 for none.
            package var sequence: Int64
            /// The place of that event in the log that it comes from.
            package var reached: Offset
            /// Which call has copied it; nil if that is not known.
            var writer: UUID?
        }

        /// Runs `body` with a writer that makes this log a mirror of another one.
        ///
        /// - Parameters:
        ///   - source: the identity of the log that is copied.
        ///   - onBreak: called when an event was not stored, on the thread of the connection: it must not block.
        package func withMirror<Value>(
            of source: UUID, onBreak: @escaping @Sendable () -> Void, _ body: (MirrorWriter) async throws -> Value
        ) async throws -> Value {
            var jetStream = stream.jetStream
            // What is sent again would come behind its successors, which have failed by then.
            jetStream.patience = .zero
            return try await jetStream.withPublisher(window: 500) { publisher in
                try await body(MirrorWriter(self, of: source, publisher, onBreak: onBreak))
            }
        }

        func mirrorEnd(of source: UUID) async throws -> MirrorEnd {
            let last = Int64(try await stream.info().state.lastSequence)
            guard last > 0 else { return MirrorEnd(sequence: 0, reached: .beginning) }
            let (anchor, origin, writer) = try await copy(at: last)
            guard let origin, origin.log == source else {
                throw EventLogError(
                    .unusableLog,
                    """
                    the last event of the stream \(streamName), at position \(last), \
                    \(origin.map { "was copied from the log \($0.log.uuidString.lowercased())" } ?? "was appended there"): it is no \
                    mirror of the log \(source.uuidString.lowercased()). Name a stream that is empty or not there yet
                    """)
            }
            return MirrorEnd(sequence: last, reached: Offset(position: origin.position, anchor: anchor), writer: writer)
        }

        /// Where the event at a position was copied from; nil if it was appended here, or there is none.
        package func origin(at position: Int64) async throws -> EventOrigin? {
            guard try await frontier().position >= position else { return nil }
            return try await copy(at: position).origin
        }

        /// Goes through the events that were copied from the log that the first one comes from, up to the first one that was appended
        /// here.
        ///
        /// - Parameter body: gets an event without its data; it answers whether to go on.
        /// - Throws: ``EventLogError`` with `unusableLog` if an event was copied from yet another log; what `body` throws.
        package func forEachCopy(_ body: (RecordedEvent, EventOrigin) throws -> Bool) async throws {
            var decoder = EventDecoder(stream.mapping, fields: [.id])
            var source: UUID?
            try await forEachBatch(after: .beginning, through: try await frontier().position) { batch in
                for message in batch {
                    // Without a filter each message is an event that is wanted.
                    guard let event = try decoder.event(message), let origin = message.message.origin else {
                        return false
                    }
                    guard origin.log == source ?? origin.log else {
                        throw EventLogError(
                            .unusableLog,
                            "the event at position \(event.position) of the stream \(streamName) was copied from another log than the first one"
                        )
                    }
                    source = origin.log
                    guard try body(event, origin) else { return false }
                }
                return true
            }
        }

        /// The id of an event, where it was copied from, and by which call.
        private func copy(at position: Int64) async throws -> (id: UUID?, origin: EventOrigin?, writer: UUID?) {
            let message = try await message(thatMustBeAt: position)
            let writer = message.withHeader(EventHeader.mirror) { $0.flatMap { UUID(utf8: $0) } }
            return (
                try Offset(message).anchor, message.withHeader(EventHeader.origin) { EventOrigin(header: $0) }, writer
            )
        }
    }

    extension NATSMessage {
        fileprivate var origin: EventOrigin? { withHeader(EventHeader.origin) { EventOrigin(header: $0) } }
    }
#endif
