#if NATS
    public import HindsightLog
    import HindsightNATS
    public import HindsightValues
    import Synchronization

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    extension JetStreamEventLog {
        /// The place of the last event that the leader of the stream tells of. It never goes back because of what a server says that
        /// may be behind.
        public func frontier() async throws -> Offset {
            let found = try await end()
            let known = highest.withLock { known in
                defer { if found.position >= known.position { known = found } }
                return known
            }
            guard found.position < known.position else {
                suspicions.clear(known.position)
                return found
            }
            let testimony = try await testimony(on: known.position)
            guard suspicions.isConfirmed(known.position, by: testimony) else { return known }
            highest.withLock { if $0 == known { $0 = found } }
            return found
        }

        /// The place of the last event that the leader tells of.
        ///
        /// - Throws: as ``message(thatMustBeAt:)``, if the stream has been longer and holds nothing at its end: a server that started
        ///   with a file cut short knows how far it reached.
        private func end() async throws -> Offset {
            if let message = try await stream.message(.last(">")) { return try Offset(message) }
            let reached = try await stream.info().state.lastSequence
            return reached == 0 ? .beginning : try Offset(try await message(thatMustBeAt: Int64(reached)))
        }

        /// The place of the event right before a position, or of the last event if that is before it.
        public func offset(before position: Int64) async throws -> Offset {
            let position = max(position, 1) - 1
            guard position > 0 else { return .beginning }
            let frontier = try await frontier()
            guard position < frontier.position else { return frontier }
            return try Offset(try await message(thatMustBeAt: position))
        }

        /// The message at a position where there must be one, as the log reaches further.
        ///
        /// - Throws: ``EventLogError`` with `unusableLog` if it is certain that there is none; with `unavailable` as long as a server may
        ///   only be behind.
        func message(thatMustBeAt position: Int64) async throws -> StoredMessage {
            if let message = try await knownMessage(at: position) { return message }
            throw EventLogError(
                .unusableLog,
                "the stream \(stream.name) has no event at position \(position), and it has held one: events were deleted, or an older copy of the log was put back. Restore the log"
            )
        }

        /// The message at a position where the log has held one; `nil` if it is certain that there is none any more.
        ///
        /// - Throws: ``EventLogError`` with `unavailable` as long as a server may only be behind.
        func knownMessage(at position: Int64) async throws -> StoredMessage? {
            if let message = try await stream.message(.sequence(UInt64(position))) {
                suspicions.clear(position)
                return message
            }
            guard suspicions.isConfirmed(position, by: try await testimony(on: position)) else {
                throw Self.isPerhapsBehind(at: position)
            }
            return nil
        }

        /// The message at a position; `nil` if it is behind the frontier.
        ///
        /// - Throws: as ``message(thatMustBeAt:)``; `unavailable` if a server says that there is none that may be cut off.
        func message(thatMayBeAt position: Int64) async throws -> StoredMessage? {
            if let message = try await stream.message(.sequence(UInt64(position))) { return message }
            if position <= (try await frontier().position) { return try await message(thatMustBeAt: position) }
            switch try await testimony(on: position) {
            case .holdsIt: return try await message(thatMustBeAt: position)
            case .minority: throw Self.isPerhapsBehind(at: position)
            case .majority, .onlyServer: return nil
            }
        }

        private func testimony(on position: Int64) async throws -> Testimony {
            try await stream.info().testimony(on: position)
        }

        private static func isPerhapsBehind(at position: Int64) -> EventLogError {
            EventLogError(
                .unavailable,
                "a server says that the log has no event at position \(position). It may be behind: that is believed when a majority repeats it"
            )
        }

        /// The place that is followed by the events recorded at or after a time, found by halves: some twenty looks for a million
        /// events.
        public func offset(recordedBefore time: Timestamp) async throws -> Offset {
            let frontier = try await frontier()
            var decoder = EventDecoder(stream.mapping, fields: [.recordedAt])
            var (low, high) = (Int64(0), frontier.position)
            while low < high {
                // The event above the middle decides, so that each look halves what is left.
                let middle = low + (high - low) / 2 + 1
                // Without a filter each message is an event that is wanted.
                let event = try decoder.event(try await message(thatMustBeAt: middle))
                if let event, event.recordedAt < time { low = middle } else { high = middle - 1 }
            }
            guard low > 0 else { return .beginning }
            return low == frontier.position ? frontier : try Offset(try await message(thatMustBeAt: low))
        }

        /// Checks that the leader of the stream holds the offset's anchor at its position.
        ///
        /// - Throws: ``EventLogError`` with `anchorMismatch` if another event is there, or none, and that is certain; with `unavailable`
        ///   as long as a server may only be behind.
        public func verify(_ offset: Offset) async throws {
            guard offset.position > 0 else { return }
            guard let message = try await knownMessage(at: offset.position) else {
                throw EventLogError.anchorMismatch(offset, found: nil, log: "in the stream \(stream.name)")
            }
            let found = try Offset(message)
            guard offset.anchor == nil || offset.anchor == found.anchor else {
                throw EventLogError.anchorMismatch(offset, found: found.anchor, log: "in the stream \(stream.name)")
            }
        }

        /// The number of positions, which is exact for all events and more than there are for a filter.
        public func lag(
            after position: Int64, through head: Int64, filter: EventFilter, limit: Int64
        ) async throws -> LogLag {
            let place = max(position, 0)
            guard head > place else { return .none }
            let count = head - place
            var seconds = 0.0
            var decoder = EventDecoder(stream.mapping, fields: [.recordedAt])
            if let message = try await stream.message(.sequence(UInt64(place) + 1)),
                let oldest = try decoder.event(message)
            {
                // In numbers that do not overflow, as imported events have any time.
                let now = Double(Timestamp.now().microsecondsSince1970)
                seconds = max(0, (now - Double(oldest.recordedAt.microsecondsSince1970)) / 1_000_000)
            }
            guard filter == .all else { return LogLag(events: min(count, limit), isExact: false, seconds: seconds) }
            return LogLag(found: limit < count ? limit + 1 : count, limit: limit, seconds: seconds)
        }

        /// Each position holds an event.
        public func proof(after position: Int64, through end: Int64, types: [String]) async throws -> LogProof {
            .dense
        }

        /// The number of messages and of subjects.
        public func size() async throws -> LogSize {
            let state = try await stream.info().state
            return LogSize(events: Int64(state.messages), streams: Int64(state.subjectCount ?? 0))
        }

        /// The streams with this id: the server goes through the names of all its subjects.
        public func streams(withID id: String) async throws -> [StreamName]? {
            var streams: [StreamName] = []
            for filter in stream.mapping.filter(ofID: id) {
                for subject in try await stream.info(subjects: filter).state.subjects.keys {
                    let name = Array(subject.utf8).withUnsafeBytes { stream.mapping.stream(of: $0) }
                    if let name { streams.append(name) }
                }
            }
            return streams
        }
    }
#endif
