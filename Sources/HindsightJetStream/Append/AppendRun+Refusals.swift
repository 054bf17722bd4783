#if NATS
    import HindsightLog
    import HindsightNATS
    import HindsightValues

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    // What is to be done when the servers know an id of the append already, and when they refuse it for as long as it may be tried.
    extension AppendRun {
        mutating func noteRefusal() {
            if let refusals {
                self.refusals = (refusals.first, refusals.count + 1)
            } else {
                refusals = (.now, 1)
                for name in call.streams { searchAll(of: name) }
            }
        }

        /// After a look that has not found the events, though the server has said repeatedly that it knows an id of them: finds it in
        /// another stream, unless a batch of this append is still on its way to a majority.
        ///
        /// - Returns: the first results, if they are stored after all; `nil` if the append is to be tried again.
        mutating func refusal() async throws -> [AppendResult]? {
            guard let refusals, refusals.count > 1 else { return nil }
            let info = try await stream.info()
            let age = refusals.first.duration(to: .now)
            guard info.isOnOneServer || (info.hasMajority && age >= log.configuration.confirmationTime) else {
                return nil
            }
            return try call.repeated(in: try await recentMatches(info))
        }

        /// For how much longer than its window the server may know an id, by its timer.
        private static let windowTolerance = Duration.seconds(10)

        /// The events with ids of the append, in any stream, that were stored so lately that the server may know them by these.
        ///
        /// The server does not say which id it knows. So it takes reading what was stored within the duplicate window, which is as it
        /// is now.
        ///
        /// It ends at what is stored now, and goes on for as long as events come; the append has as much time after it as before.
        ///
        /// - Throws: ``EventLogError``: `unavailable` if none came for the rest of the append's time.
        private mutating func recentMatches(_ info: StreamInfo) async throws -> [RecordedEvent] {
            let ids = Set(call.events.map(\.event.id))
            let window = info.configuration.duplicateWindow ?? .zero
            let since = (info.time.map { Timestamp($0) } ?? .now())
                .advanced(by: .zero - window - Self.windowTolerance)
            guard let first = try await stream.message(.time(JetStreamTime(since))) else { return [] }
            var matches: [RecordedEvent] = []
            var decoder = EventDecoder(stream.mapping)
            let start = ContinuousClock.now
            var reached = Int64(first.sequence) - 1
            let (place, end) = (Offset(position: reached, anchor: nil), Int64(info.state.lastSequence))
            let patience = max(start.duration(to: deadline), .milliseconds(100))
            do {
                try await log.forEachBatch(after: place, through: end, patience: patience) { batch in
                    for message in batch {
                        let id = message.message.withParts { _, headers, _ in EventDecoder.id(headers) }
                        guard let id, ids.contains(id), let event = try decoder.event(message) else { continue }
                        matches.append(event)
                    }
                    reached = batch.last.map { Int64($0.delivery.streamSequence) } ?? reached
                    return matches.count < ids.count
                }
            } catch let error as EventLogError where error.code == .unavailable {
                throw EventLogError(
                    .unavailable,
                    "the servers know an id of the append; to find out which one, the events behind position \(place.position) were read, which were stored lately, and after position \(reached) of \(end) no more came: nothing of the append is stored; try again when the servers answer",
                    underlying: error)
            }
            // Only once: if the servers insist on what cannot be found, the append ends.
            if !hasReadRecent { putOff(by: start.duration(to: .now)) }
            hasReadRecent = true
            return matches
        }

        /// The error once the time of the append is over.
        func gaveUp(_ error: JetStreamError) -> EventLogError {
            let duration = log.configuration.appendTimeout
            return switch error.code {
            case .wrongLastSequence, .idInProcess:
                EventLogError(
                    .contention, "other appends to the same streams were faster for \(duration); trying again may help",
                    underlying: error)
            default:
                EventLogError(
                    .unavailable, "the append was not acknowledged within \(duration): \(error.message)",
                    underlying: error)
            }
        }
    }
#endif
