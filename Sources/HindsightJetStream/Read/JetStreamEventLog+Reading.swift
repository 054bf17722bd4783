#if NATS
    public import HindsightLog
    import HindsightNATS

    extension JetStreamEventLog {
        /// How many messages are gone through at most for one batch, so that a reader of rare events makes progress.
        static let messagesOfABatch: Int64 = 100_000

        /// How far one batch may reach that begins behind a position.
        static func end(after position: Int64, limit: Int) -> Int64 {
            let (end, isBeyond) = position.addingReportingOverflow(max(messagesOfABatch, Int64(clamping: limit)))
            return isBeyond ? .max : end
        }

        /// Reads the log after an offset, through a consumer that lives for this call. A reader that goes on
        /// (``reader(after:filter:)``) keeps its consumer.
        public func read(
            after offset: Offset, through known: Offset?, filter: EventFilter, limit: Int, maximumBytes: Int
        ) async throws -> EventBatch {
            let frontier = if let known { known } else { try await frontier() }
            guard offset.position < frontier.position, limit > 0 else {
                try await verify(offset)
                return EventBatch(events: [], through: offset, frontier: frontier)
            }
            var decoder = EventDecoder(stream.mapping, filter: filter)
            var page = EventPage.Builder(limit: limit, maximumBytes: maximumBytes)
            let end = min(frontier.position, Self.end(after: offset.position, limit: limit))
            var through = offset
            try await forEachBatch(after: offset, through: end) { batch in
                try decoder.forEachEvent(in: batch) { event, _ in
                    let offset = event.offset
                    if !page.add(event) { return false }
                    through = offset
                    return !page.isCut
                }
                if !page.isCut, let message = batch.last { through = try Offset(message) }
                return !page.isCut
            }
            return EventBatch(events: page.events, through: through, frontier: frontier)
        }

        /// A reader with a consumer of its own.
        public func reader(after offset: Offset, filter: EventFilter) async throws -> any LogReader {
            JetStreamLogReader(self, after: offset, filter: filter)
        }

        /// Reads a range through a consumer of its own, which the servers send as fast as a replay of everything.
        public func read(
            after position: Int64, through end: Int64, filter: EventFilter, fields: EventFields, maximumBytes: Int,
            into buffer: RawEventBuffer
        ) async throws {
            var decoder = EventDecoder(stream.mapping, filter: filter, fields: fields)
            buffer.begin()
            var reached: Int64?
            try await forEachBatch(after: Offset(position: position, anchor: nil), through: end) { batch in
                try buffer.fill { content in
                    try decoder.forEachEvent(in: batch) { event, data in
                        // The event itself has its metadata, and its data if they are wanted.
                        let outside = event.byteCount - (fields.contains(.data) ? data.count : 0)
                        guard content.isEmpty || content.byteCount + data.count + outside <= maximumBytes else {
                            reached = event.position - 1
                            return false
                        }
                        content.append(event, data: data, outside: outside)
                        return true
                    }
                }
                return reached == nil
            }
            buffer.finish(through: reached ?? end)
        }

        /// Delivers all events after one place and up to another through one consumer.
        public func forEachEvent(
            after offset: Offset, through end: Offset, _ body: @escaping @Sendable (RecordedEvent) throws -> Void
        ) async throws {
            var decoder = EventDecoder(stream.mapping)
            try await forEachBatch(after: offset, through: end.position) { batch in
                try decoder.forEachEvent(in: batch) { event, _ in
                    try body(event)
                    return true
                }
                return true
            }
        }

        /// Reads a stream. JetStream does not know versions, so what comes before is read, too; and backward is forward in reverse.
        public func readStream(
            _ name: StreamName, from version: Int64?, backward: Bool, limit: Int, maximumBytes: Int
        ) async throws -> EventPage {
            guard limit > 0, !name.rawValue.isEmpty else { return EventPage([], isCut: limit <= 0) }
            var page = EventPage.Builder(limit: limit, maximumBytes: maximumBytes)
            if !backward {
                try await forEachEvent(of: name, wanted: limit) { event in
                    event.version >= version ?? 0 ? page.add(event) && !page.isCut : true
                }
                return page.page
            }
            var last = LastEvents(limit: limit, maximumBytes: maximumBytes)
            if limit == 1, version == nil {
                // The last event alone is one look.
                var decoder = EventDecoder(stream.mapping)
                let message = try await stream.message(.last(stream.subject(of: name)))
                if let event = try message.flatMap({ try decoder.event($0) }) { last.add(event) }
            } else {
                try await forEachEvent(of: name, wanted: .max) { event in
                    guard event.version <= version ?? .max else { return false }
                    last.add(event)
                    return true
                }
            }
            for event in last.newestFirst where !page.add(event) { break }
            return page.page
        }

        /// Goes through events of a stream in order, up to the last one that the leader knows.
        ///
        /// Any replica gives the bulk of them, and the leader is asked whether there are more, because a replica can be behind.
        ///
        /// - Parameters:
        ///   - wanted: how many are wanted, about.
        ///   - body: called with each event; it answers whether to go on.
        func forEachEvent(
            of name: StreamName, wanted: Int, _ body: (RecordedEvent) throws -> Bool
        ) async throws {
            var decoder = EventDecoder(stream.mapping)
            let subject = stream.subject(of: name)
            var count = min(max(wanted, 1), 1_000)
            var last: UInt64 = 0
            while true {
                try Task.checkCancellation()
                let found = try await stream.messages(
                    .from(last + 1, of: subject).limited(toMessages: count, bytes: 4 << 20))
                for message in found.messages {
                    last = message.sequence
                    if let event = try decoder.event(message), try !body(event) { return }
                }
                if found.pending == 0 {
                    guard let next = try await stream.message(.next(subject, from: last + 1)) else { return }
                    last = next.sequence
                    if let event = try decoder.event(next), try !body(event) { return }
                }
                count = 1_000
            }
        }

        /// Reads the log backward, window by window.
        public func readBackward(
            from position: Int64?, filter: EventFilter, limit: Int, maximumBytes: Int
        ) async throws -> EventPage {
            var page = EventPage.Builder(limit: limit, maximumBytes: maximumBytes)
            var high = min(position ?? .max, try await frontier().position)
            if limit == 1, filter == .all, high > 0 {
                var decoder = EventDecoder(stream.mapping)
                if let event = try decoder.event(try await message(thatMustBeAt: high)) { _ = page.add(event) }
                return page.page
            }
            var window: Int64 = max(64, min(Int64(clamping: limit), 4_096))
            while high > 0, !page.isCut {
                let low = max(0, high - window)
                var decoder = EventDecoder(stream.mapping, filter: filter)
                var last = LastEvents(limit: limit - page.events.count, maximumBytes: maximumBytes)
                try await forEachBatch(after: Offset(position: low, anchor: nil), through: high) { batch in
                    try decoder.forEachEvent(in: batch) { event, _ in
                        last.add(event)
                        return true
                    }
                    return true
                }
                for event in last.newestFirst where !page.add(event) { break }
                high = low
                window = min(window * 2, 16_384)
            }
            return page.page
        }

        /// The events at these positions, one look for each.
        public func events(at positions: [Int64], maximumBytes: Int) async throws -> EventPage {
            var decoder = EventDecoder(stream.mapping)
            var page = EventPage.Builder(limit: .max, maximumBytes: maximumBytes)
            for position in Set(positions).sorted() where position > 0 {
                guard let found = try await message(thatMayBeAt: position) else { break }
                if let event = try decoder.event(found), !page.add(event) { break }
            }
            return page.page
        }
    }
#endif
