#if NATS
    import HindsightLog
    import HindsightNATS
    import HindsightValues

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// The search for events of an append in one stream, with the stream's end: both of one moment.
    ///
    /// Of one moment, because an append that takes its end from one reading and looks for its ids in another can be refused for ever by
    /// writers who are faster. A search that is gone on with reads only what has come since.
    struct StreamSearch {
        /// From when on it looks; `nil` from the beginning.
        let since: Timestamp?
        /// The events with the ids, as they were found.
        private(set) var matches: [RecordedEvent] = []
        /// The version of the first event that was read; `nil` if none was.
        private(set) var lowest: Int64?
        private let name: StreamName
        private let ids: Set<UUID>
        /// Those of the ids whose events belong into this stream and were not found.
        private var missing: Set<UUID>
        /// Behind which position it begins: it is known that the events are not before it, or they were found there.
        private var start: Int64 = 0
        /// Of an import: where ids are remembered, and what was known of the stream at the beginning.
        private let memory: (ids: ImportedIDs, known: ImportedIDs.Known)?
        /// Whether what the memory has was looked for.
        private var hasRecalled = false
        /// How many events the stream had when it was first asked, less those that were read; `nil` before that.
        private var expected: Int?
        /// The last event that was read.
        private var last = StreamTail.none

        /// A search for events of which it is known when they can have been stored.
        ///
        /// - Parameters:
        ///   - call: what is looked for.
        ///   - name: the stream.
        ///   - time: from when on, or a little earlier; `nil` for all of its events.
        init(for call: AppendCall, in name: StreamName, since time: Timestamp?) {
            self.init(call, name, since: time, memory: nil)
        }

        /// A search for events of an import.
        ///
        /// - Parameters:
        ///   - call: what is looked for.
        ///   - name: the stream.
        ///   - memory: takes in the ids of what is read.
        ///   - known: what it knows of the stream.
        init(for call: AppendCall, in name: StreamName, memory: ImportedIDs, known: ImportedIDs.Known) {
            self.init(call, name, since: nil, memory: (memory, known))
        }

        private init(
            _ call: AppendCall, _ name: StreamName, since time: Timestamp?,
            memory: (ids: ImportedIDs, known: ImportedIDs.Known)?
        ) {
            ids = Set(call.events.map(\.event.id))
            missing = Set(call.events.lazy.filter { $0.stream == name }.map(\.event.id))
            self.name = name
            self.memory = memory
            since = time
        }

        /// Whether the event with a version, if there is one, was read, or need not be: whether an append that would have stored it would be
        /// found.
        func covers(_ version: Int64) -> Bool { since == nil || lowest.map { $0 <= version } ?? false }

        /// Goes on to the end of the stream, or until all events were found that belong into it.
        ///
        /// - Parameter deadline: until when it may take. What it takes to read the events that the stream had at first does not count, as
        ///   long as one answer after another brings some: it is put off by that.
        /// - Returns: the end.
        /// - Throws: ``EventLogError``: `unavailable`. It can be gone on with.
        mutating func goOn(
            _ stream: LogStream, until deadline: inout ContinuousClock.Instant
        ) async throws -> StreamTail {
            try await recall(stream, until: &deadline)
            var pause = Backoff(initial: .milliseconds(10), maximum: .milliseconds(250))
            while true {
                try Task.checkCancellation()
                // Whatever comes behind them, the append has been stored.
                if missing.isEmpty { return try await stream.tail(of: name) }
                // The bulk from any replica, which may be behind; then the end from the leader.
                let before = last.position
                try await readPages(stream, until: &deadline)
                if missing.isEmpty { continue }
                let end = try await stream.tail(of: name)
                // What was read is there, whatever a leader says that may have been cut off.
                if last != .none, last.position >= end.position { return last }
                if last == .none, end.position == start { return end }
                if last == .none, end.position < start {
                    // It is not what it was, or the leader is behind.
                    memory?.ids.forget(name)
                    start = 0
                    continue
                }
                if last == .none, let since, let age = end.found, age.storedAt < since { return end }
                guard ContinuousClock.now < deadline else { throw unfinished(through: end.position) }
                // The replica lacks what the leader has.
                if last.position == before { try await readNext(stream) }
                // Servers that contradict each other are not asked without a pause.
                if last.position == before { try await Task.sleep(for: pause.next()) }
            }
        }

        /// Looks for the events that the memory has, first where the next ones of a file are when it is imported again.
        private mutating func recall(_ stream: LogStream, until deadline: inout ContinuousClock.Instant) async throws {
            guard !hasRecalled, let known = memory?.known else { return }
            // After an error, some have been found.
            var wanted = known.held.subtracting(matches.lazy.map(\.id))
            for (start, end) in [(known.found, known.end), (0, min(known.found, known.end))] {
                var place = start
                // Usually they are just there, one behind the other.
                var count = min(wanted.count + 1, 1_000)
                while place < end, !wanted.isEmpty {
                    let page = try await page(stream, of: count, behind: place, until: &deadline)
                    guard let last = page.last else { break }
                    count = min(count * 4, 1_000)
                    for message in page where message.sequence <= UInt64(end) {
                        guard let event = try wantedEvent(message, stream), wanted.remove(event.id) != nil else {
                            continue
                        }
                        note(event)
                    }
                    place = Int64(clamping: last.sequence)
                }
            }
            hasRecalled = true
            // Where a replica did not show all of them, everything is looked through, and the leader asked.
            if wanted.isEmpty { start = known.end }
            matches.sort { $0.position < $1.position }
        }

        /// A page of events. The deadline is put off by the time that it took, if it brings some.
        private func page(
            _ stream: LogStream, of count: Int, behind place: Int64, until deadline: inout ContinuousClock.Instant
        ) async throws -> [StoredMessage] {
            let asked = ContinuousClock.now
            let selection = MessageSelection.from(UInt64(place) + 1, of: stream.subject(of: name))
            let page = try await stream.messages(selection.limited(toMessages: count, bytes: 4 << 20))
            if !page.messages.isEmpty { deadline = deadline.advanced(by: asked.duration(to: .now)) }
            return page.messages
        }

        private func unfinished(through end: Int64) -> EventLogError {
            let remedy =
                memory == nil
                ? "trying again may help"
                : "trying again goes on there; an index of ids (Configuration.idIndex) makes reading the stream unnecessary"
            return EventLogError(
                .unavailable,
                "the stream \(name) was looked through for the ids of the append up to position \(max(last.position, start)), and the servers do not show the rest of it, up to position \(end), within the time of an append: nothing is stored; \(remedy)",
                stream: name)
        }

        private mutating func readPages(
            _ stream: LogStream, until deadline: inout ContinuousClock.Instant
        ) async throws {
            let subject = stream.subject(of: name)
            var pending: UInt64 = 1
            while pending > 0, !missing.isEmpty {
                let asked = ContinuousClock.now
                let after = max(last.position, start)
                let selection: MessageSelection =
                    if last == .none, let since {
                        .since(JetStreamTime(since), of: subject)
                    } else {
                        .from(UInt64(after) + 1, of: subject)
                    }
                let page = try await stream.messages(selection.limited(toMessages: 1_000, bytes: 4 << 20))
                var ids: [UUID] = []
                for message in page.messages { if let id = try take(message, stream) { ids.append(id) } }
                memory?.ids.keep(ids, of: name, after: after, through: last.position)
                pending = page.messages.isEmpty ? 0 : page.pending
                let remaining = expected ?? page.messages.count.saturating(adding: page.pending)
                expected = max(0, remaining - page.messages.count)
                // Only what was there at first: a stream that grows as fast as it is read would have no end.
                if remaining > 0, !page.messages.isEmpty {
                    deadline = deadline.advanced(by: asked.duration(to: .now))
                } else if pending > 0, ContinuousClock.now >= deadline {
                    throw unfinished(through: last.position.saturating(adding: pending))
                }
            }
        }

        /// Reads one event from the leader.
        private mutating func readNext(_ stream: LogStream) async throws {
            var next = UInt64(max(last.position, start)) + 1
            if last == .none, let since {
                guard let first = try await stream.message(.time(JetStreamTime(since))) else { return }
                next = first.sequence
            }
            if let message = try await stream.message(.next(stream.subject(of: name), from: next)) {
                let after = max(last.position, start)
                guard let id = try take(message, stream) else { return }
                memory?.ids.keep([id], of: name, after: after, through: last.position)
            }
        }

        /// - Returns: the id of the event; `nil` if the message is none.
        private mutating func take(_ message: StoredMessage, _ stream: LogStream) throws -> UUID? {
            let wanted = try wantedEvent(message, stream)
            var decoder = EventDecoder(stream.mapping, fields: [])
            guard let event = try wanted ?? decoder.event(message) else { return nil }
            if lowest == nil { lowest = event.version }
            last = StreamTail(event, storedAt: message.time)
            if let wanted, !matches.contains(where: { $0.position == wanted.position }) { note(wanted) }
            return event.id
        }

        /// The event in a message, if it has one of the ids.
        private func wantedEvent(_ message: StoredMessage, _ stream: LogStream) throws -> RecordedEvent? {
            guard let id = message.withHeaderBytes({ EventDecoder.id($0) }), ids.contains(id) else { return nil }
            var decoder = EventDecoder(stream.mapping)
            return try decoder.event(message)
        }

        private mutating func note(_ event: RecordedEvent) {
            matches.append(event)
            missing.remove(event.id)
            memory?.ids.noteFound(at: event.position, of: name)
        }
    }

    extension FixedWidthInteger {
        /// The sum with a number that a server has sent, whatever it is: the largest number instead of a larger one.
        fileprivate func saturating(adding count: UInt64) -> Self {
            let (sum, overflows) = addingReportingOverflow(Self(clamping: count))
            return overflows ? .max : sum
        }
    }
#endif
