#if NATS
    package import HindsightLog
    import HindsightNATS

    #if canImport(FoundationEssentials)
        package import FoundationEssentials
    #else
        package import Foundation
    #endif

    extension JetStreamEventLog {
        /// Where a mirror ends.
        struct MirrorEnd {
            /// The sequence of its last message; 0 for none.
            var sequence: Int64
            /// The place of that event in the log that it comes from.
            var reached: Offset
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
            let (anchor, origin) = try await copy(at: last)
            guard let origin, origin.log == source else {
                throw EventLogError(
                    .unusableLog,
                    """
                    the last event of the stream \(streamName), at position \(last), \
                    \(origin.map { "was copied from the log \($0.log.uuidString.lowercased())" } ?? "was appended there"): it is no \
                    mirror of the log \(source.uuidString.lowercased()). Name a stream that is empty or not there yet
                    """)
            }
            return MirrorEnd(sequence: last, reached: Offset(position: origin.position, anchor: anchor))
        }

        /// The place in this log of an event that was copied from another one, found by halves, as origins grow with positions.
        ///
        /// - Parameters:
        ///   - place: where the event stands in the other log.
        ///   - source: the identity of that log.
        ///   - frontier: the end of this log.
        /// - Returns: nil if the mirror does not reach that far.
        /// - Throws: ``EventLogError`` with `anchorMismatch` if another event was copied from that position; with `unusableLog` if an
        ///   event that was looked at is no copy from that log.
        package func place(of place: Offset, in source: UUID, through frontier: Offset) async throws -> Offset? {
            guard place.position > 0 else { return .beginning }
            var (low, high) = (Int64(1), frontier.position)
            while low <= high {
                let middle = low + (high - low) / 2
                let (anchor, origin) = try await copy(at: middle)
                guard let origin, origin.log == source else {
                    throw EventLogError(
                        .unusableLog,
                        "the event at position \(middle) of the stream \(streamName) was not copied from the log \(source.uuidString.lowercased())"
                    )
                }
                if origin.position == place.position {
                    guard anchor == place.anchor else {
                        throw EventLogError.anchorMismatch(place, found: anchor, log: "that was mirrored")
                    }
                    return Offset(position: middle, anchor: anchor)
                }
                if origin.position < place.position { low = middle + 1 } else { high = middle - 1 }
            }
            guard low <= frontier.position else { return nil }
            throw EventLogError.anchorMismatch(place, found: nil, log: "that was mirrored")
        }

        /// The id of an event, and where it was copied from.
        private func copy(at position: Int64) async throws -> (id: UUID?, origin: EventOrigin?) {
            let message = try await message(thatMustBeAt: position)
            let origin = message.withHeader(EventHeader.origin) { value in
                value.flatMap { EventOrigin(header: String(decoding: $0, as: UTF8.self)) }
            }
            return (try Offset(message).anchor, origin)
        }
    }
#endif
