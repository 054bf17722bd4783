#if NATS
    public import HindsightLog
    import HindsightNATS
    import HindsightValues

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    extension JetStreamEventLog {
        /// Appends events to several streams at once, as one atomic batch.
        @discardableResult
        public func append(_ appends: [StreamAppend]) async throws -> [AppendResult] {
            try limits.check(appends)
            return try await append(AppendCall(appends))
        }

        /// Appends events to one stream.
        @discardableResult
        public func append(
            _ events: [NewEvent], to stream: StreamName, expected: ExpectedVersion = .any
        ) async throws -> AppendResult {
            try await append([StreamAppend(stream, events, expected: expected)])[0]
        }

        /// Appends events of several streams in the given order, as one atomic batch of at most 1,000.
        @discardableResult
        public func append(inOrder events: [StreamEvent]) async throws -> Int64 {
            try await append(verbatim: events).position
        }

        /// Appends events in the given order, exactly as another log or file has them. Streams that have events already are looked
        /// through for them.
        @discardableResult
        public func append(verbatim events: [StreamEvent]) async throws -> AppendResult {
            let call = AppendCall(inOrder: events)
            try limits.check(call.appends)
            let results = try await append(call)
            return results.max { $0.position < $1.position }
                ?? AppendResult(position: 0, version: -1, isDuplicate: true)
        }

        /// Publishes, and on any doubt looks what is there: the first results if the events are, otherwise it publishes again, behind
        /// what the same look has found. The expectation of where each stream ends makes that safe: an earlier attempt that is still
        /// under way cannot be stored once anything else was, and if nothing else was, one of the two attempts fails.
        private func append(_ call: AppendCall) async throws -> [AppendResult] {
            let window = try await describe().duplicateWindow
            let deadline = ContinuousClock.now.advanced(by: configuration.appendTimeout)
            var pause = Backoff(initial: .milliseconds(2), maximum: .milliseconds(250))
            var tails = try await knownTails(of: call)
            // Ids that the server does not know again, in streams whose state does not matter: only a look finds a repetition.
            let unguarded = call.unguarded(by: window, now: .now())
            var mustLook = unguarded.contains { (tails[$0] ?? StreamTail.none) != StreamTail.none }
            var hasLooked = false
            var refusals = 0

            while true {
                if mustLook {
                    let found = try await look(at: call.streams, since: refusals > 0 ? nil : since(call))
                    if let results = try call.repeated(in: found.events) { return results }
                    tails = found.tails
                    for (name, tail) in tails { self.tails.replace(tail, for: name) }
                    // The server knows an id of these, and their streams do not.
                    if refusals > 1 {
                        throw EventLogError.knownEvents(call.events.map(\.event.id), stream: call.streams[0])
                    }
                    (mustLook, hasLooked) = (false, true)
                }
                // Before a look, a conflict may be one with what is remembered, or the events may be there already.
                guard let messages = hasLooked ? try call.messages(after: tails) : try? call.messages(after: tails)
                else {
                    mustLook = true
                    continue
                }
                do {
                    switch try await publish(messages) {
                    case .stored(let last):
                        let results = call.results(messages, last: last)
                        for (name, result) in zip(call.streams, results) {
                            self.tails.keep(StreamTail(position: result.position, version: result.version), for: name)
                        }
                        signal.notify()
                        return results
                    case .known(let position):
                        if let result = try await repetition(of: call.events[0], at: position) { return [result] }
                        guard ContinuousClock.now < deadline else {
                            throw EventLogError(
                                .unavailable,
                                "the servers know an event of the append at position \(position), and do not show it; trying again may help"
                            )
                        }
                        try await Task.sleep(for: pause.next())
                    }
                } catch let error as JetStreamError {
                    guard Self.isPassing(error) else { throw LogStream.error(error) }
                    if error.code == .batchHasKnownID { refusals += 1 }
                    guard ContinuousClock.now < deadline else {
                        throw Self.gaveUp(error, after: configuration.appendTimeout)
                    }
                    // The first conflict is mended by a look; whoever meets more is among many.
                    if error.code != .wrongLastSequence || pause.failures > 0 || hasLooked {
                        try? await Task.sleep(for: pause.next())
                        if Task.isCancelled { throw CancellationError() }
                    }
                }
                mustLook = true
            }
        }

        /// The result of an event whose id the server knew, if it is the same event.
        ///
        /// - Returns: `nil` if the message is not there, as when a leader does not know it any more.
        private func repetition(of entry: StreamEvent, at position: Int64) async throws -> AppendResult? {
            var decoder = EventDecoder(stream.mapping)
            guard let message = try await stream.message(.sequence(UInt64(position))),
                let event = try decoder.event(message),
                event.id == entry.event.id
            else { return nil }
            guard entry.isSame(as: event) else { throw EventLogError.knownEvents([event.id], stream: event.stream) }
            return AppendResult(position: event.position, version: event.version, isDuplicate: true)
        }

        /// From when on the events of an append can have been stored; `nil` if that cannot be known.
        ///
        /// An id of version 7 says when it was made, by the clock of whoever made it. Clocks of writers and servers that are further
        /// apart than this hide a repetition that comes later than the duplicate window.
        private func since(_ call: AppendCall) -> Timestamp? {
            call.oldest(now: .now())?.advanced(by: .seconds(-300))
        }

        private func knownTails(of call: AppendCall) async throws -> [StreamName: StreamTail] {
            var found: [StreamName: StreamTail] = [:]
            for name in call.streams {
                if let known = tails[name] {
                    found[name] = known
                } else if call.isNew(name) {
                    found[name] = StreamTail.none
                } else {
                    let tail = try await tail(of: name)
                    tails.keep(tail, for: name)
                    found[name] = tail
                }
            }
            return found
        }

        /// Whether another attempt may succeed.
        private static func isPassing(_ error: JetStreamError) -> Bool {
            error.isRetriable || error.code == .wrongLastSequence || error.code == .batchHasKnownID
        }

        private static func gaveUp(_ error: JetStreamError, after duration: Duration) -> EventLogError {
            switch error.code {
            case .wrongLastSequence, .idInProcess, .batchHasKnownID:
                EventLogError(
                    .contention, "other appends to the same streams were faster for \(duration); trying again may help",
                    underlying: error)
            default:
                EventLogError(
                    .unavailable, "the append was not acknowledged within \(duration): \(error.message)",
                    underlying: error)
            }
        }

        /// What became of a publication.
        private enum Published {
            /// The position of the last message.
            case stored(last: Int64)
            /// The stream has a message with this id at this position, perhaps of another subject.
            case known(position: Int64)
        }

        /// Publishes messages, all or none.
        private func publish(_ messages: [AppendCall.Message]) async throws(JetStreamError) -> Published {
            let drafts = messages.map { message in
                JetStreamDraft(
                    message.event.event.data, to: subject(of: message.event.stream),
                    headers: message.event.event.headers(version: message.version),
                    options: PublishOptions(
                        expectedStream: stream.name,
                        expectedLastSubjectSequence: message.expectedPosition.map { UInt64($0) }))
            }
            guard drafts.count == 1 else {
                return .stored(last: Int64(try await stream.jetStream.publishBatch(drafts).sequence))
            }
            let ack = try await stream.jetStream.publish(drafts[0])
            return ack.isDuplicate ? .known(position: Int64(ack.sequence)) : .stored(last: Int64(ack.sequence))
        }
    }
#endif
