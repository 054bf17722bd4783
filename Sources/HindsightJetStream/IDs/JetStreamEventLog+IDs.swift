#if NATS
    public import HindsightLog
    import HindsightNATS
    import HindsightPostgres
    import HindsightValues
    import Logging

    #if canImport(FoundationEssentials)
        public import FoundationEssentials
    #else
        public import Foundation
    #endif

    extension JetStreamEventLog {
        /// How many ids are added to the index at once, 160 KB.
        private static let idsOfAStatement = 10_000

        /// The stored events with these ids, found by the index. Events that it has not yet are read first.
        ///
        /// - Throws: ``EventLogError`` with `unsupported` for a log without an index (``Configuration/idIndex``); with `unavailable` if the
        ///   database does not answer in time, or no majority of the servers can say what the log holds.
        public func events(withIDs ids: [UUID], after position: Int64, maximumBytes: Int) async throws -> EventPage {
            guard let store = try await idStore() else {
                try abilities.require(.eventsByID, to: "find events by their ids")
                return EventPage([], isCut: false)
            }
            try await fillIDIndexSurely(store)
            var page = EventPage.Builder(limit: .max, maximumBytes: maximumBytes)
            for found in try await store.look(for: ids, until: nil).positions where found > position {
                if !page.add(try await event(at: found, among: Set(ids), store)) { break }
            }
            return page.page
        }

        /// The index; `nil` if the log has none.
        func idStore() async throws -> IDIndexStore? {
            guard let index = configuration.idIndex else { return nil }
            return IDIndexStore(index, log: try await identity(), patience: configuration.appendTimeout)
        }

        /// The events of the log with these ids, also in other streams and however long ago they were stored, as far as the servers do
        /// not know them by themselves. They do know those that were stored within their window.
        ///
        /// - Parameter deadline: until when it may take to ask the index and to fill it.
        func indexedEvents(
            _ ids: [UUID], _ store: IDIndexStore, until deadline: ContinuousClock.Instant
        ) async throws -> [RecordedEvent] {
            let reach = try await serversMemory()
            var look = try await store.look(for: ids, until: deadline)
            var pause = Backoff(initial: .milliseconds(10), maximum: .milliseconds(250))
            while look.age.map({ $0 > reach }) ?? true {
                guard ContinuousClock.now < deadline else {
                    throw EventLogError(
                        .unavailable,
                        "the index of ids was not brought up to date in time: it may lack what is older than \(reach), as no majority of the log's servers is up to date, or as filling it takes longer; trying again may help"
                    )
                }
                try await fillIDIndex(store, until: deadline)
                look = try await store.look(for: ids, until: deadline)
                // Without a majority it stays as it is.
                if look.age.map({ $0 > reach }) ?? true { try await Task.sleep(for: pause.next()) }
            }
            var events: [RecordedEvent] = []
            for position in look.positions { events.append(try await event(at: position, among: Set(ids), store)) }
            return events
        }

        private func event(at position: Int64, among ids: Set<UUID>, _ store: IDIndexStore) async throws
            -> RecordedEvent
        {
            var decoder = EventDecoder(stream.mapping)
            // A log that was put back may also end before it.
            let found = try await knownMessage(at: position).flatMap { try decoder.event($0) }
            guard let found, ids.contains(found.id) else {
                let place = Offset(position: position, anchor: nil)
                throw store.mismatch(.anchorMismatch(place, found: found?.id, log: "in the stream \(stream.name)"))
            }
            return found
        }

        /// For how long at least the servers still know an id when an append reaches them that begins now: half of their window, less
        /// the time that an append is tried.
        ///
        /// The other half is for clocks: that of the database, which says how old the index is, that of this process, which says how old
        /// an id is that it has made, and the servers' timers. Each may be put back by up to that much.
        ///
        /// - Throws: ``EventLogError`` with `unusableLog` if the window is too short for an index.
        func serversMemory() async throws -> Duration {
            let description = try await describe()
            let window = description.duplicateWindow
            let memory = window / 2 - configuration.appendTimeout - configuration.answerTimeout
            // On a cluster, an index that was just filled is that old already.
            let age = description.replicas > 1 ? configuration.confirmationTime : .zero
            guard memory > age else {
                let confirmation = age > .zero ? ", with confirmationTime (\(age))" : ""
                let needed = (configuration.appendTimeout + configuration.answerTimeout + age) * 2
                throw EventLogError(
                    .unusableLog,
                    "the stream \(stream.name) has a duplicate window of \(window), which is too short for an index of ids: half of it must outlast appendTimeout (\(configuration.appendTimeout)) and answerTimeout (\(configuration.answerTimeout))\(confirmation) together. Make it longer than \(needed): nats stream edit --dupe-window"
                )
            }
            return memory
        }

        // MARK: - Filling

        /// Reads what the index lacks, through what the log holds when this is called. Any number of processes may do that at once.
        ///
        /// - Parameter deadline: until when it may take; `nil` for as long as it takes. What was read by then is kept.
        /// - Returns: false if the leader of the stream may have been cut off from the others: the index may lack what these have stored.
        /// - Throws: ``EventLogError`` with `unusableLog` if the index was filled from another state of the log; with `unavailable`.
        @discardableResult
        func fillIDIndex(_ store: IDIndexStore, until deadline: ContinuousClock.Instant?) async throws -> Bool {
            while true {
                let (place, time) = try await store.place(until: deadline)
                // One answer says how far the log reaches and whether the leader can know that.
                let info = try await stream.info()
                let end = Int64(info.state.lastSequence)
                let isSure = info.isOnOneServer || info.hasMajority
                // A leader that was cut off has heard of the others until lately.
                let tolerance = info.isOnOneServer ? .zero : configuration.confirmationTime
                let readAt = isSure ? time.advanced(by: .zero - tolerance) : nil
                do {
                    if end <= place.position {
                        try await verify(place)
                        guard end == place.position else { throw Self.isBehind(end, place) }
                        if try await store.add([], behind: end, completeAt: readAt, until: deadline) { return isSure }
                    } else if try await fill(store, after: place, through: end, completeAt: readAt, until: deadline) {
                        return isSure
                    }
                } catch let error as EventLogError where error.code == .anchorMismatch {
                    throw store.mismatch(error)
                }
            }
        }

        /// Reads what the index lacks, by the word of a leader that has a majority of the servers with it.
        ///
        /// - Throws: as ``fillIDIndex(_:until:)``; `unavailable` if there is no such leader for the time that an append is tried.
        private func fillIDIndexSurely(_ store: IDIndexStore) async throws {
            let deadline = ContinuousClock.now.advanced(by: configuration.appendTimeout)
            var pause = Backoff(initial: .milliseconds(50), maximum: .milliseconds(500))
            while try await !fillIDIndex(store, until: nil) {
                guard ContinuousClock.now < deadline else {
                    throw EventLogError(
                        .unavailable,
                        "the index of ids may lack events: the server that says where the log ends has no majority of the log's servers with it; trying again may help"
                    )
                }
                try await Task.sleep(for: pause.next())
            }
        }

        /// Adds the ids of a range to the index.
        ///
        /// - Returns: false if somebody else has gone on filling it.
        private func fill(
            _ store: IDIndexStore, after start: Offset, through end: Int64, completeAt time: Timestamp?,
            until deadline: ContinuousClock.Instant?
        ) async throws -> Bool {
            let patience = deadline.map {
                min(configuration.messageTimeout, max(ContinuousClock.now.duration(to: $0), .milliseconds(100)))
            }
            var reading = StreamReading(self, after: start, through: end, headersOnly: true, patience: patience)
            defer { reading.stop() }
            var place = start.position
            var ids: [UUID] = []
            while place < end {
                for message in try await reading.next() {
                    guard let id = try Offset(message).anchor else { continue }  // an offset of a message has one
                    ids.append(id)
                }
                let isLast = reading.last.position >= end
                guard isLast || ids.count >= Self.idsOfAStatement else { continue }
                let isAdded = try await store.add(
                    ids, behind: place, completeAt: isLast ? time : nil, until: deadline)
                guard isAdded else { return false }
                place = reading.last.position
                ids.removeAll(keepingCapacity: true)
                if let deadline, !isLast, ContinuousClock.now >= deadline {
                    throw EventLogError(
                        .unavailable,
                        "the index of ids has been filled through position \(place), and the log reaches \(end). Trying again goes on there; a program that runs the log keeps the index filled"
                    )
                }
            }
            return true
        }

        private static func isBehind(_ end: Int64, _ place: Offset) -> EventLogError {
            EventLogError(
                .unavailable,
                "a server says that the log ends at position \(end), and the index of ids is filled through \(place.position); trying again may help"
            )
        }

        /// Keeps the index so full that an append need not fill it, until the task is cancelled.
        func keepIDIndexFilled() async {
            var pause = Backoff(initial: .seconds(1), maximum: .seconds(30))
            while !Task.isCancelled {
                do {
                    guard let store = try await idStore() else { return }
                    let memory = try await serversMemory()
                    // Another process may have filled it.
                    let age = try await store.look(for: [], until: nil).age
                    if age.map({ $0 > memory / 4 }) ?? true, try await !fillIDIndex(store, until: nil) {
                        // Without a majority it stays as old as it is.
                        try await Task.sleep(for: pause.next())
                        continue
                    }
                    pause = Backoff(initial: .seconds(1), maximum: .seconds(30))
                    try await Task.sleep(for: memory / 4)
                } catch {
                    guard !Task.isCancelled else { return }
                    // Appends that need the index fill it themselves, and say what is wrong with it.
                    logger.warning(
                        "the index of ids is not filled",
                        metadata: ["nats.stream": "\(stream.name)", "error.message": "\(error)"])
                    try? await Task.sleep(for: pause.next())  // cancelled: the loop ends
                }
            }
        }
    }
#endif
