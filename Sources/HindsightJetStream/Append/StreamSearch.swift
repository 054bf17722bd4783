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
        /// Behind which position it begins: it is known that the events are not before it.
        private var start: Int64
        /// The ids of all events that were read, and behind which position; `nil` if nobody wants them, or they are too many.
        private var read: (ids: [UUID], after: Int64)?
        /// How many of these are kept.
        private let capacity: Int
        /// The last event that was read.
        private var last = StreamTail.none

        /// - Parameters:
        ///   - ids: what is looked for.
        ///   - name: the stream.
        ///   - time: from when on, or a little earlier; `nil` for all of its events.
        ///   - start: up to which position it is known that they are not there.
        ///   - capacity: how many ids of what is read are kept. Defaults to none.
        init(
            for ids: Set<UUID>, in name: StreamName, since time: Timestamp?, behind start: Int64 = 0,
            keeping capacity: Int = 0
        ) {
            self.ids = ids
            self.name = name
            self.start = start
            self.capacity = capacity
            read = capacity > 0 ? ([], start) : nil
            since = time
        }

        /// The ids of the events that were read since this was last asked, all of them up to its end, and behind which position they
        /// are; `nil` if that is not known.
        mutating func takeRead(through end: StreamTail) -> (ids: [UUID], after: Int64)? {
            defer { if read != nil { read = ([], end.position) } }
            return read
        }

        /// Whether the event with a version, if there is one, was read, or need not be: whether an append that would have stored it would be
        /// found.
        func covers(_ version: Int64) -> Bool { since == nil || lowest.map { $0 <= version } ?? false }

        /// Goes on to the end of the stream.
        ///
        /// - Parameter deadline: until when it may take.
        /// - Returns: the end.
        /// - Throws: ``EventLogError``: `unavailable`. It can be gone on with.
        mutating func goOn(_ stream: LogStream, until deadline: ContinuousClock.Instant) async throws -> StreamTail {
            var pause = Backoff(initial: .milliseconds(10), maximum: .milliseconds(250))
            while true {
                try Task.checkCancellation()
                // The bulk from any replica, which may be behind; then the end from the leader.
                let before = last.position
                try await readPages(stream)
                let end = try await stream.tail(of: name)
                // What was read is there, whatever a leader says that may have been cut off.
                if last != .none, last.position >= end.position { return last }
                if last == .none, end.position == start { return end }
                if last == .none, end.position < start {
                    // It is not what it was, or the leader is behind.
                    start = 0
                    if read != nil { read = ([], 0) }
                    continue
                }
                if last == .none, let since, let age = end.found, age.storedAt < since { return end }
                guard ContinuousClock.now < deadline else {
                    throw EventLogError(
                        .unavailable,
                        "the servers do not show the end of the stream \(name) within the time of an append; trying again may help",
                        stream: name)
                }
                // The replica lacks what the leader has.
                if last.position == before { try await readNext(stream) }
                // Servers that contradict each other are not asked without a pause.
                if last.position == before { try await Task.sleep(for: pause.next()) }
            }
        }

        private mutating func readPages(_ stream: LogStream) async throws {
            let subject = stream.subject(of: name)
            var pending: UInt64 = 1
            while pending > 0 {
                let selection: MessageSelection =
                    if last == .none, let since {
                        .since(JetStreamTime(since), of: subject)
                    } else {
                        .from(UInt64(max(last.position, start)) + 1, of: subject)
                    }
                let page = try await stream.messages(selection.limited(toMessages: 1_000, bytes: 4 << 20))
                for message in page.messages { try take(message, stream) }
                pending = page.messages.isEmpty ? 0 : page.pending
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
                try take(message, stream)
            }
        }

        private mutating func take(_ message: StoredMessage, _ stream: LogStream) throws {
            let id = message.withHeaderBytes { EventDecoder.id($0) }
            let isWanted = id.map { ids.contains($0) } ?? false
            var decoder = EventDecoder(stream.mapping, fields: isWanted ? .all : [])
            guard let event = try decoder.event(message) else { return }
            if lowest == nil { lowest = event.version }
            last = StreamTail(event, storedAt: message.time)
            if let count = read?.ids.count, let id {
                if count < capacity { read?.ids.append(id) } else { read = nil }
            }
            if isWanted { matches.append(event) }
        }
    }
#endif
