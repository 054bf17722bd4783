#if NATS
    import HindsightLog
    import HindsightNATS

    /// A reader that keeps a consumer from call to call, so that events are on their way before they are asked for.
    ///
    /// `@unchecked Sendable`: it belongs to one task at a time, as every reader of a log does.
    final class JetStreamLogReader: LogReader, @unchecked Sendable {
        private let log: JetStreamEventLog
        private var decoder: EventDecoder
        private var place: Offset
        /// The consumer; `nil` before there is something to read, and after an error.
        private var reading: StreamReading?
        /// The batch that it gave last, and how many messages of it were gone through.
        private var batch: OrderedBatch?
        private var used = 0
        /// Whether the place was compared with the log.
        private var isVerified = false
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
            reading?.stop()
            (reading, batch, used, isVerified) = (nil, nil, 0, false)
        }

        private func read(limit: Int, maximumBytes: Int, through end: Offset?) async throws -> EventBatch {
            guard limit > 0 else { return EventBatch(events: [], through: place, frontier: end ?? frontier) }
            if let end {
                frontier = end
            } else if !isVerified || frontier.position - place.position < Int64(clamping: limit) {
                frontier = try await log.frontier()
            }
            guard place.position < frontier.position else {
                // At the very end the frontier's anchor says whether it is the same log.
                if place != frontier || !isVerified { try await log.verify(place) }
                isVerified = true
                return EventBatch(events: [], through: place, frontier: frontier)
            }
            var page = EventPage.Builder(limit: limit, maximumBytes: maximumBytes)
            let bound = min(frontier.position, JetStreamEventLog.end(after: place.position, limit: limit))
            var reached = place.position
            reading: while reached < bound {
                var isFull = false
                let batch = try await currentBatch()
                try batch.forEachParts(from: used) { parts in
                    let position = Int64(parts.delivery.streamSequence)
                    // What does not fit stays for the next call.
                    isFull = try position > bound || decoder.event(parts).map { !page.add($0) } ?? false
                    if isFull { return false }
                    used += 1
                    reached = position
                    isFull = page.isCut
                    return !isFull
                }
                if isFull { break reading }
            }
            // Whatever the last message was that was gone through, wanted or not: the next call goes on behind it.
            if let batch, used > 0 {
                place = try Offset(batch[used - 1])
            } else if let reading {
                place = reading.before
            }
            isVerified = true
            return EventBatch(events: page.events, through: place, frontier: frontier)
        }

        /// What the consumer gave last, if there is something left of it, or what it gives next.
        private func currentBatch() async throws -> OrderedBatch {
            if let batch, used < batch.count { return batch }
            var reading = reading ?? StreamReading(log, after: place)
            // It is put back whatever happens, so that its consumer can be given back.
            defer { self.reading = reading }
            let next = try await reading.next()
            (batch, used) = (next, 0)
            return next
        }
    }
#endif
