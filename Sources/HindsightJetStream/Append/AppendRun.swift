#if NATS
    import HindsightLog
    import HindsightNATS
    import HindsightValues

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// One append, from the first attempt to its result.
    ///
    /// It publishes, and on any doubt looks what is there: the first results if the events are, otherwise it publishes again, behind
    /// what the same look has found. The expectation of where each stream ends makes that safe: an earlier attempt that is still under
    /// way cannot be stored once anything else was, and if nothing else was, one of the two attempts fails.
    struct AppendRun {
        let log: JetStreamEventLog
        let call: AppendCall
        /// The stream, asked without patience: the pauses are made here, within one time for all.
        let stream: LogStream
        /// Until when it may take, without the time in which streams are looked through as fast as the servers answer.
        private(set) var deadline: ContinuousClock.Instant
        private var pause = Backoff(initial: .milliseconds(2), maximum: .milliseconds(250))
        /// Where the streams end, as far as is known.
        private var tails: [StreamName: StreamTail] = [:]
        /// What was looked through, if anything was.
        private var searches: [StreamName: StreamSearch] = [:]
        private var hasLooked = false
        /// Of an import: what this process knows of the streams.
        private var known: [StreamName: ImportedIDs.Known] = [:]
        /// Whether the index of ids has been asked, if there is one. Once is enough: until the deadline, the servers know what it lacks.
        private var hasAskedIndex = false
        /// When the server first said that it knows an id of a batch, and how often it did.
        var refusals: (first: ContinuousClock.Instant, count: Int)?
        /// Whether what was stored lately has been read for an id that the server knows.
        var hasReadRecent = false
        /// A conflict that a leader may report because it is behind, and since when it does.
        private var doubtful: (conflict: EventLogError, since: ContinuousClock.Instant)?

        init(_ log: JetStreamEventLog, _ call: AppendCall) {
            self.log = log
            self.call = call
            stream = log.stream.withoutPatience
            deadline = .now.advanced(by: log.configuration.appendTimeout)
        }

        /// Appends, all or none.
        mutating func run() async throws -> [AppendResult] {
            var mustLook = try await begin()
            while true {
                do {
                    if mustLook {
                        if let results = try await repetition() { return results }
                        if let results = try await refusal() { return results }
                        mustLook = false
                    }
                    if let messages = try await decide() {
                        if let results = try await indexed() { return results }
                        if let results = try await publish(messages) { return results }
                    }
                } catch let error as JetStreamError {
                    guard Self.isPassing(error) else { throw LogStream.error(error) }
                    if error.code == .batchHasKnownID { noteRefusal() }
                    guard ContinuousClock.now < deadline else { throw gaveUp(error) }
                    // The first conflict is mended by a look; whoever meets more is among many.
                    if error.code != .wrongLastSequence || pause.failures > 0 || hasLooked { try await wait() }
                } catch let error as EventLogError where error.code == .unavailable {
                    guard ContinuousClock.now < deadline else { throw error }
                    try await wait()
                }
                mustLook = true
            }
        }

        /// Gives the append more time, by as much as looking has taken.
        mutating func putOff(by duration: Duration) {
            guard duration > .zero else { return }
            deadline = deadline.advanced(by: duration)
            // What the servers knew for certain until the former one, they may have forgotten.
            hasAskedIndex = false
        }

        private mutating func wait() async throws {
            try await Task.sleep(for: pause.next())
        }

        // MARK: - Looking

        /// Finds out where the streams end, as far as it is not known.
        ///
        /// - Returns: whether they must be looked through for the ids before anything is published.
        private mutating func begin() async throws -> Bool {
            while true {
                do {
                    _ = try await log.describe()
                    for name in call.streams where tails[name] == nil {
                        if let known = log.tails[name] {
                            tails[name] = known
                        } else if call.isNew(name) {
                            tails[name] = StreamTail.none
                        } else {
                            let tail = try await stream.tail(of: name)
                            log.tails.keep(tail, for: name)
                            tails[name] = tail
                        }
                    }
                    return call.isPerhapsStored(try await doubtfulTails(), now: .now())
                } catch let error as EventLogError where error.code == .unavailable {
                    guard ContinuousClock.now < deadline else { throw error }
                    try await wait()
                }
            }
        }

        /// Where the streams end that may hold the events: of an import not those of which this process knows all ids, and none if there is
        /// an index of ids, which knows them too.
        private mutating func doubtfulTails() async throws -> [StreamName: StreamTail] {
            guard !call.idsTellTime else { return tails }
            guard log.configuration.idIndex == nil else { return [:] }
            let last = log.imported.last
            // A log that was put back can have come as far again, with other events. One question a batch finds that.
            if last != .beginning {
                let id = try await stream.message(.sequence(UInt64(last.position)))?.withHeaderBytes {
                    EventDecoder.id($0)
                }
                if id != last.anchor { log.imported.forgetAll() }
            }
            known = log.imported.known(of: call.streams, among: Set(call.events.map(\.event.id)))
            return tails.filter { name, tail in
                known[name].map { $0.end != tail.position || !$0.held.isEmpty } ?? true
            }
        }

        /// Looks where the streams end, and for the events.
        ///
        /// - Returns: the first results, if they are stored.
        private mutating func repetition() async throws -> [AppendResult]? {
            if !call.idsTellTime, let store = try await log.idStore() { return try await indexedRepetition(store) }
            try await look()
            do throws(EventLogError) {
                return try call.repeated(in: matches)
            } catch {
                // The streams are looked through one after the other. A batch that was stored meanwhile is seen in part, and whole by a
                // look that begins after that.
                guard call.streams.count > 1 else { throw error }
            }
            try await look()
            return try call.repeated(in: matches)
        }

        private var matches: [RecordedEvent] { call.streams.flatMap { searches[$0]?.matches ?? [] } }

        /// Looks where the streams end, and for the events, stream by stream.
        private mutating func look() async throws {
            for name in call.streams {
                var search = searches[name] ?? search(in: name)
                // Also after an error it is gone on with.
                defer { searches[name] = search }
                var end = deadline
                defer { putOff(by: deadline.duration(to: end)) }
                try await note(try await search.goOn(stream, until: &end), of: name)
            }
            hasLooked = true
        }

        /// Looks where the streams end, and for the events of an import in the index of ids, which is filled before.
        ///
        /// - Returns: the first results, if they are stored.
        private mutating func indexedRepetition(_ store: IDIndexStore) async throws -> [AppendResult]? {
            // First the ends: what is stored behind them makes the append fail.
            for name in call.streams { try await note(try await stream.tail(of: name), of: name) }
            hasLooked = true
            try await log.fillIDIndex(store, until: deadline)
            let known = try await log.indexedEvents(call.events.map(\.event.id), store, until: deadline)
            return try call.repeated(in: known)
        }

        /// Takes over where a stream ends, as the leader says.
        private mutating func note(_ tail: StreamTail, of name: StreamName) async throws {
            if let known = log.tails[name], tail.position < known.position {
                log.imported.forget(name)
                try await log.checkIdentity()
            }
            log.tails.replace(tail, for: name)
            tails[name] = tail
        }

        private func search(in name: StreamName) -> StreamSearch {
            guard !call.idsTellTime else { return StreamSearch(for: call, in: name, since: since) }
            return StreamSearch(
                for: call, in: name, memory: log.imported, known: known[name] ?? ImportedIDs.Known(end: 0))
        }

        /// From when on the events can have been stored; `nil` if that cannot be known.
        ///
        /// An id of version 7 says when it was made, by the clock of whoever made it. Clocks of writers and servers that are further
        /// apart than the tolerance hide a repetition that comes later than the duplicate window.
        private var since: Timestamp? { call.oldest(now: .now())?.advanced(by: .zero - AppendCall.idTolerance) }

        /// Looks through a stream from its beginning at the next look. That of an import does so anyhow, as far as nothing is known of it.
        mutating func searchAll(of name: StreamName) {
            if call.idsTellTime { searches[name] = StreamSearch(for: call, in: name, since: nil) }
        }

        /// Looks for the events in the index of ids, if the log has one and the servers may have forgotten an id.
        ///
        /// - Returns: the first results, if they are stored; `nil` if they may be published, which is so until the deadline.
        /// - Throws: ``EventLogError`` with `unavailable` once it has passed.
        private mutating func indexed() async throws -> [AppendResult]? {
            guard let store = try await log.idStore() else { return nil }
            if !hasAskedIndex, try await !call.isMadeHere(within: log.serversMemory(), now: .now()) {
                let ids = call.events.map(\.event.id)
                let known = try await log.indexedEvents(ids, store, until: deadline)
                if let results = try call.repeated(in: known) { return results }
            }
            hasAskedIndex = true
            // The servers may forget what the index lacks, however late somebody has answered.
            guard ContinuousClock.now < deadline else {
                throw EventLogError(
                    .unavailable,
                    "the index of ids or the servers did not answer within \(log.configuration.appendTimeout), and then an append is not sent any more; trying again may help"
                )
            }
            return nil
        }

        // MARK: - Deciding

        /// What is to be published; `nil` if a look must say more.
        ///
        /// - Throws: ``EventLogError``: `conflict`, once it is certain.
        private mutating func decide() async throws -> [EventMessage]? {
            do throws(EventLogError) {
                return try call.messages(after: tails)
            } catch {
                // It may be a conflict with what is remembered, or the events may be there already.
                guard hasLooked, let name = error.stream, let actual = error.actualVersion else { return nil }
                let needed = call.expected(name).version
                if actual > needed {
                    if try await !isPerhapsStored(name, behind: needed) { throw error }
                    searchAll(of: name)
                    return nil
                }
                // A stream that is shorter than somebody knows: the leader may have been cut off.
                let info = try await stream.info()
                if info.isOnOneServer { throw error }
                if doubtful?.conflict != error || !info.hasMajority { doubtful = nil }
                if info.hasMajority {
                    let since = doubtful?.since ?? .now
                    if since.duration(to: .now) >= log.configuration.confirmationTime { throw error }
                    doubtful = (error, since)
                }
                guard ContinuousClock.now < deadline else {
                    throw EventLogError(
                        .unavailable,
                        "\(error.message), as a server says that may be cut off from the others; trying again may help",
                        stream: name)
                }
                try await wait()
                return nil
            }
        }

        /// Whether the append may be in a stream and was not found, because it was stored before the time since when was looked.
        ///
        /// - Parameter version: the version that the stream had to have.
        private func isPerhapsStored(_ name: StreamName, behind version: Int64) async throws -> Bool {
            guard let search = searches[name], !search.covers(version + 1) else { return false }
            let first = call.events.first { $0.stream == name }?.event.id
            var isStored = false
            try await log.forEachEvent(of: name, wanted: Int(min(version, 1_000)) + 2) { event in
                guard event.version > version else { return true }
                isStored = event.id == first
                return false
            }
            return isStored
        }

        // MARK: - Publishing

        /// Publishes messages, all or none.
        ///
        /// - Returns: the results; `nil` if the server knows the event, and does not show it.
        private mutating func publish(_ messages: [EventMessage]) async throws -> [AppendResult]? {
            let drafts = messages.map { message in
                JetStreamDraft(
                    message.event.event.data, to: stream.subject(of: message.event.stream),
                    headers: message.event.event.headers(version: message.version),
                    options: PublishOptions(
                        expectedStream: stream.name,
                        expectedLastSubjectSequence: message.expectedPosition.map { UInt64($0) }))
            }
            if drafts.count > 1 {
                return stored(messages, last: try await stream.jetStream.publishBatch(drafts).sequence)
            }
            let ack = try await stream.jetStream.publish(drafts[0])
            guard ack.isDuplicate else { return stored(messages, last: ack.sequence) }
            // The stream has a message with this id, perhaps of another subject.
            if let result = try await result(of: call.events[0], at: Int64(ack.sequence)) { return [result] }
            guard ContinuousClock.now < deadline else {
                throw EventLogError(
                    .unavailable,
                    "the servers know an event of the append at position \(ack.sequence), and do not show it; trying again may help"
                )
            }
            try await wait()
            return nil
        }

        private func stored(_ messages: [EventMessage], last: UInt64) -> [AppendResult] {
            let results = call.results(messages, last: Int64(last))
            // With an index of ids, nobody asks what this process has imported.
            if !call.idsTellTime, log.configuration.idIndex == nil { keepIDs(results) }
            let age = call.age(now: .now())
            for (name, result) in zip(call.streams, results) {
                log.tails.keep((tails[name] ?? .none).extended(to: result, age), for: name)
            }
            log.signal.notify()
            return results
        }

        /// Notes what was imported, behind what is known of the streams.
        private func keepIDs(_ results: [AppendResult]) {
            let events = Dictionary(grouping: call.events, by: \.stream)
            for (name, result) in zip(call.streams, results) {
                let start = (tails[name] ?? .none).position
                log.imported.keep(
                    events[name, default: []].map(\.event.id), of: name, after: start, through: result.position)
            }
        }

        /// The result of an event whose id the server knew, if it is the same event.
        ///
        /// - Returns: `nil` if the message is not there, as when a leader does not know it any more.
        private func result(of entry: StreamEvent, at position: Int64) async throws -> AppendResult? {
            var decoder = EventDecoder(stream.mapping)
            guard let message = try await stream.message(.sequence(UInt64(position))),
                let event = try decoder.event(message),
                event.id == entry.event.id
            else { return nil }
            guard entry.isSame(as: event) else {
                var error = EventLogError.knownEvents([event.id], stream: event.stream)
                error.compared = [ComparedEvent(id: event.id, position: event.position, isSame: false)]
                throw error
            }
            return AppendResult(position: event.position, version: event.version, isDuplicate: true)
        }

        /// Whether another attempt may succeed.
        private static func isPassing(_ error: JetStreamError) -> Bool {
            error.isRetriable || error.code == .wrongLastSequence || error.code == .batchHasKnownID
        }
    }

    extension ExpectedVersion {
        /// The version that a stream must at least have.
        fileprivate var version: Int64 {
            switch self {
            case .any, .noStream: -1
            case .exists: 0
            case .exact(let version): version
            }
        }
    }
#endif
