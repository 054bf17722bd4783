#if NATS
    import HindsightLog
    import HindsightNATS
    import Synchronization

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// A reader that keeps a consumer from call to call, so that events are on their way before they are asked for.
    ///
    /// `@unchecked Sendable`: it belongs to one task at a time, as every reader of a log does.
    final class JetStreamLogReader: LogReader, @unchecked Sendable {
        private let log: JetStreamEventLog
        private var decoder: EventDecoder
        private var place: Offset
        /// The consumer, and what is left of the batch that it gave last.
        private var messages: OrderedMessages?
        private var iterator: OrderedBatches.AsyncIterator?
        private var rest: ArraySlice<JetStreamMessage> = []
        /// How often the consumer had been made anew when the place was last compared with the log; `nil` if it never was.
        private var verifiedHealings: Int?
        /// A frontier that was found earlier.
        private var frontier = Offset.beginning

        init(_ log: JetStreamEventLog, after offset: Offset, filter: EventFilter) {
            self.log = log
            place = offset
            decoder = EventDecoder(log.stream.mapping, filter: filter)
        }

        func next(limit: Int, maximumBytes: Int, through end: Offset?) async throws -> EventBatch {
            do {
                return try await read(limit: limit, maximumBytes: maximumBytes, through: end)
            } catch {
                // The same call can be repeated, so what was taken and not handed over must come again.
                discard()
                throw error
            }
        }

        func close() async {
            discard()
        }

        private func discard() {
            messages?.stop()
            (messages, iterator, rest, verifiedHealings) = (nil, nil, [], nil)
        }

        private func read(limit: Int, maximumBytes: Int, through end: Offset?) async throws -> EventBatch {
            guard limit > 0 else { return EventBatch(events: [], through: place, frontier: end ?? frontier) }
            if let end {
                frontier = end
            } else if verifiedHealings == nil || frontier.position - place.position < Int64(clamping: limit) {
                frontier = try await log.frontier()
            }
            guard place.position < frontier.position else {
                // At the very end the frontier's anchor says whether it is the same log.
                if place != frontier || verifiedHealings == nil { try await log.verify(place) }
                verifiedHealings = messages?.healings ?? 0
                return EventBatch(events: [], through: place, frontier: frontier)
            }
            var collector = PageCollector(limit: limit, maximumBytes: maximumBytes)
            let bound = min(frontier.position, JetStreamEventLog.end(after: place.position, limit: limit))
            var last = place
            var reached = place.position
            reading: while reached < bound {
                if rest.isEmpty {
                    rest = try await nextBatch()
                }
                while let message = rest.first {
                    let position = Int64(message.delivery.streamSequence)
                    guard position == reached + 1 else {
                        throw EventLogError(
                            .unusableLog,
                            "the stream has no event at position \(reached + 1), the next one is \(position): events were deleted"
                        )
                    }
                    guard position <= bound else { break reading }
                    if let event = try decoder.event(message) {
                        let wasFull = !collector.add(event)
                        // The one that did not fit stays for the next call.
                        guard collector.events.last?.position == position else { break reading }
                        rest = rest.dropFirst()
                        (reached, last) = (position, event.offset)
                        if wasFull { break reading }
                    } else {
                        rest = rest.dropFirst()
                        reached = position
                        if rest.isEmpty || reached == bound { last = try Offset(message) }
                    }
                }
            }
            // A consumer that was made anew may be one of another stream of the same name.
            let healings = messages?.healings ?? 0
            if verifiedHealings != healings {
                try await log.verify(place)
                verifiedHealings = healings
            }
            place = reached == last.position ? last : collector.events.last?.offset ?? last
            return EventBatch(events: collector.events, through: place, frontier: frontier)
        }

        private func nextBatch() async throws -> ArraySlice<JetStreamMessage> {
            do {
                if iterator == nil {
                    var options = OrderedOptions()
                    options.name = "hindsight-reader"
                    let messages = try log.stream.jetStream.ordered(
                        on: log.stream.name, from: .sequence(UInt64(place.position) + 1), filter: nil, options: options)
                    self.messages = messages
                    iterator = messages.batches.makeAsyncIterator()
                }
                guard let batch = try await iterator?.next() else {
                    try Task.checkCancellation()
                    throw EventLogError(
                        .unavailable, "the reading of the stream \(log.stream.name) has ended; trying again may help")
                }
                return Array(batch)[...]
            } catch let error as JetStreamError {
                throw LogStream.error(error)
            }
        }
    }
#endif
