#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightNATS
    import HindsightPostgres
    import HindsightValues
    import Logging
    import Synchronization

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// Copies a stream that somebody else has filled to a log that finds events by their ids.
    ///
    /// The ids follow from the places of the messages. As messages are copied in their order, the last one that is in the log is found by
    /// halves: there is no offset to store, and however a copy was ended, the next one goes on behind it.
    struct ForeignCopy {
        private static let batch = 500
        /// After such a time without a message it is asked whether the stream is still the same.
        private static let checkInterval = Duration.seconds(5)

        let jetStream: JetStream
        let mapping: ForeignMapping
        let target: any EventLog
        let waiting: MirrorPatience
        let logger: Logger

        /// What is known of the stream.
        private struct Stream {
            /// What the ids are made from.
            var namespace: UUID
            var first: Int64
            var last: Int64
        }

        /// Copies until the end, or until a signal drains it.
        ///
        /// - Parameters:
        ///   - follows: whether to wait for further messages.
        ///   - progress: told how far it is, of how many messages, and how many events were copied.
        /// - Returns: how many events were copied, the last message that was looked at, and that at which it was to end.
        func run(
            follows: Bool, progress: @escaping @Sendable (_ place: Int64, _ end: Int64, _ copied: Int64) -> Void
        ) async throws -> (copied: Int64, reached: Int64, end: Int64) {
            try target.abilities.require(
                [.verbatimImport, .eventsByID], to: "take the events of a foreign stream once")
            let end = follows ? nil : try await stream().last
            let draining = Drain()
            let reading = Mutex<OrderedMessages?>(nil)
            var (copied, reached) = (Int64(0), Int64(0))
            var pause = Backoff()
            var troubledSince: ContinuousClock.Instant?
            var begunWith: UUID?
            try await Interruptions.draining {
                draining.begin()
                reading.withLock { $0 }?.drain()
            } _: {
                while !draining.hasBegun {
                    do {
                        let stream = try await stream()
                        guard begunWith == nil || begunWith == stream.namespace else { throw madeAnew(reached) }
                        begunWith = stream.namespace
                        try await copy(stream, through: end) { messages in
                            reading.withLock { $0 = messages }
                            if draining.hasBegun { messages.drain() }
                        } note: { count, place, last in
                            copied += count
                            reached = place
                            troubledSince = nil
                            pause.reset()
                            progress(place, last, copied)
                        }
                        return
                    } catch let error as JetStreamError where error.code == .streamNotFound && begunWith != nil {
                        throw madeAnew(reached)
                    } catch let error where error.isPassing || (error as? JetStreamError)?.isRetriable == true {
                        let since = troubledSince ?? .now
                        troubledSince = since
                        try waiting.check(since.duration(to: .now), error, whileReading: error is JetStreamError)
                        logger.warning("the mirror waits", metadata: ["error.message": "\(error)"])
                        try await Task.sleep(for: pause.next())
                    }
                }
            }
            return (copied, reached, end ?? reached)
        }

        private func stream() async throws -> Stream {
            let info = try await jetStream.streamInfo(mapping.stream)
            // A stream that was made anew has other messages at the same places.
            let name = "nats \(mapping.stream) \(info.created?.nanoseconds ?? 0)"
            return Stream(
                namespace: UUID.version5(of: Self.namespace, name), first: Int64(info.state.firstSequence),
                last: Int64(info.state.lastSequence))
        }

        /// Of all foreign streams.
        private static let namespace = UUID(uuidString: "6f1c1c0e-6a53-5f0b-9d52-3a1f0f5c9b7e")!

        private func madeAnew(_ reached: Int64) -> CommandError {
            CommandError(
                "the stream \(mapping.stream) was deleted while it was copied: its messages up to \(reached) are in the log, and what was behind them is gone. If it was created again, the same command copies the new one from its beginning"
            )
        }

        /// Checks that the stream is still the one whose messages are copied.
        private func check(_ stream: Stream, _ reached: Int64) async throws {
            guard try await self.stream().namespace == stream.namespace else { throw madeAnew(reached) }
        }

        private func copy(
            _ stream: Stream, through end: Int64?, begun: (OrderedMessages) -> Void,
            note: (_ count: Int64, _ place: Int64, _ last: Int64) -> Void
        ) async throws {
            var place = try await lastCopied(of: stream)
            note(0, place, stream.last)
            guard end.map({ place < $0 }) ?? true else { return }
            var options = OrderedOptions(end: end.map { UInt64($0) })
            options.name = "hindsight-mirror"
            options.messageTimeout = Self.checkInterval
            let messages = try jetStream.ordered(
                on: mapping.stream, from: .sequence(UInt64(place) + 1), filter: nil, options: options)
            defer { messages.stop() }
            begun(messages)
            var batches = messages.batches.makeAsyncIterator()
            var checkedHealings: Int?
            while true {
                let batch: OrderedBatch
                switch try await Self.next(&batches) {
                case .batch(let next): batch = next
                case .silence:
                    // A stream that was made anew may not have come so far yet.
                    try await check(stream, place)
                    continue
                case .end: return
                }
                // A consumer that was made anew may be one of another stream with the name. After something was read from it, it is that
                // stream of which the question is answered.
                let healings = messages.healings
                if healings != checkedHealings {
                    try await check(stream, place)
                    checkedHealings = healings
                }
                var (events, failure) = ([Mapped](), (any Error)?.none)
                for message in batch where failure == nil {
                    let foreign = ForeignMessage(message)
                    do {
                        let event = try mapping.event(of: foreign, in: stream.namespace)
                        if let event { events.append(Mapped(event, foreign)) }
                        place = foreign.sequence
                    } catch {
                        failure = error
                    }
                    guard events.count >= Self.batch else { continue }
                    note(try await append(events), place, max(place, stream.last))
                    events = []
                }
                note(try await append(events), place, max(place, stream.last))
                if let failure { throw failure }
            }
        }

        private enum Reading {
            case batch(OrderedBatch)
            /// Nothing has come for a while.
            case silence
            case end
        }

        private static func next(_ batches: inout OrderedBatches.AsyncIterator) async throws -> Reading {
            do {
                return try await batches.next().map { .batch($0) } ?? .end
            } catch {
                guard error.code == .timedOut else { throw error }
                return .silence
            }
        }

        /// An event, and what it was made from.
        private struct Mapped {
            let event: StreamEvent
            let sequence: Int64
            let subject: String

            init(_ event: StreamEvent, _ message: ForeignMessage) {
                self.event = event
                (sequence, subject) = (message.sequence, message.subject)
            }
        }

        /// Stores events, together, or if the log refuses that, one by one up to the one that it refuses.
        ///
        /// - Returns: how many were not there yet.
        /// - Throws: an error that names the message of that event.
        private func append(_ events: [Mapped]) async throws -> Int64 {
            guard !events.isEmpty else { return 0 }
            do {
                return try await target.append(verbatim: events.map(\.event)).isDuplicate ? 0 : Int64(events.count)
            } catch let error where Self.isAboutEvents(error) {
                // As a rule one of them is to blame; or together they are more than the log takes at once.
            }
            var count: Int64 = 0
            for mapped in events {
                do {
                    count += try await target.append(verbatim: [mapped.event]).isDuplicate ? 0 : 1
                } catch let error where Self.isAboutEvents(error) {
                    throw CommandError(
                        "the log refuses the event of message \(mapped.sequence) of the stream \(mapping.stream), on \(mapped.subject): \(error). What stands before it is copied; mend the mapping, and the same command goes on there"
                    )
                }
            }
            return count
        }

        /// Whether a log refuses events for what they are.
        private static func isAboutEvents(_ error: any Error) -> Bool {
            if let error = error as? EventLogError { return [.invalidAppend, .knownEvents].contains(error.code) }
            // Class 22: data that a column does not take, as in JSON.
            return (error as? PostgresError)?.sqlState?.hasPrefix("22") == true
        }

        /// The place of the last message whose event is in the log, or one behind it that is no event; before the first one if there is none.
        private func lastCopied(of stream: Stream) async throws -> Int64 {
            // Everything up to `low` is copied, nothing behind `high` is.
            var (low, high) = (max(stream.first, 1) - 1, stream.last)
            while low < high {
                let middle = low + (high - low + 1) / 2
                switch try await look(from: middle, through: high, stream) {
                case .copied(let place): low = place
                case .notCopied: high = middle - 1
                }
            }
            return low
        }

        private enum Finding {
            case copied(Int64)
            /// Nor is what stands behind it; or nothing there is an event, so that nothing can be missing.
            case notCopied
        }

        /// Looks whether the first event of the messages of a range is in the log.
        private func look(from first: Int64, through last: Int64, _ stream: Stream) async throws -> Finding {
            var options = OrderedOptions(end: UInt64(last))
            // Mostly the first one is enough.
            options.maximumMessages = 100
            options.name = "hindsight-mirror"
            let messages = try jetStream.ordered(
                on: mapping.stream, from: .sequence(UInt64(first)), filter: nil, options: options)
            defer { messages.stop() }
            for try await message in messages {
                let foreign = ForeignMessage(message)
                // What cannot be mapped is not there; it is said when its turn has come.
                guard let mapped = try? mapping.event(of: foreign, in: stream.namespace) else { continue }
                let found = try await target.events(
                    withIDs: [mapped.event.id], after: 0, maximumBytes: EventBatch.defaultBytes)
                return found.events.isEmpty ? .notCopied : .copied(foreign.sequence)
            }
            return .notCopied
        }
    }

    extension ForeignMessage {
        fileprivate init(_ message: JetStreamMessage) {
            self.init(
                subject: message.subject.rawValue, headers: message.headers.map { Header($0.name, $0.value) },
                data: message.message.withPayload { [UInt8]($0) }, sequence: Int64(message.delivery.streamSequence),
                storedAt: Timestamp(microsecondsSince1970: message.delivery.time.nanoseconds / 1_000))
        }
    }
#endif
