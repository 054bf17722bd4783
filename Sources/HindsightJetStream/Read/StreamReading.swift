#if NATS
    import HindsightLog
    import HindsightNATS
    import HindsightValues

    /// Reads what a log has behind a place, in order and without a hole, through a consumer that is kept from batch to batch.
    ///
    /// A consumer that was made anew may be one of another log in a stream of the same name, or of the same log that was put back. So
    /// with each new consumer the last message that was taken is compared with the log, after something was read from the consumer: it
    /// is that log which is compared.
    struct StreamReading {
        private let log: JetStreamEventLog
        /// Whether the events' data are left out.
        private let headersOnly: Bool
        /// How long it waits for what must be there.
        private let patience: Duration
        /// The last position that is wanted; `nil` to go on for ever.
        private let end: Int64?
        private var messages: OrderedMessages?
        private var iterator: OrderedBatches.AsyncIterator?
        /// How often the consumer had been made anew when the place was last compared with the log; `nil` if it never was.
        private var verifiedHealings: Int?
        /// The place of the last message that was taken.
        private(set) var last: Offset
        /// The place behind which the batch begins that was taken last.
        private(set) var before: Offset

        /// - Parameters:
        ///   - place: behind which message to begin. Without an anchor it is not compared with the log.
        ///   - end: the last position that is wanted, at which the log must hold an event; `nil` to go on for ever.
        ///   - headersOnly: whether the events' data are left out.
        ///   - patience: how long it waits for what must be there; `nil` for as long as the log says.
        init(
            _ log: JetStreamEventLog, after place: Offset, through end: Int64? = nil, headersOnly: Bool = false,
            patience: Duration? = nil
        ) {
            self.log = log
            self.headersOnly = headersOnly
            self.patience = patience ?? log.configuration.messageTimeout
            self.end = end
            last = place.position < 0 ? .beginning : place
            before = last
        }

        /// Ends, and has the server forget the consumer.
        mutating func stop() {
            messages?.stop()
            (messages, iterator, verifiedHealings) = (nil, nil, nil)
        }

        /// The next batch, which is not empty. To be called only while the log is known to hold more.
        ///
        /// - Throws: ``EventLogError``: `anchorMismatch`; `unusableLog` if there is a hole; `unavailable` if no server sends what must be
        ///   there.
        mutating func next() async throws -> OrderedBatch {
            let deadline = ContinuousClock.now.advanced(by: patience)
            var pause = Backoff(initial: .milliseconds(50), maximum: .milliseconds(500))
            while true {
                do {
                    if let batch = try await take(), try await isNext(batch) {
                        try await verify()
                        before = last
                        if let message = batch.last { last = try Offset(message) }
                        return batch
                    }
                } catch let error as JetStreamError {
                    throw LogStream.error(error)
                }
                try Task.checkCancellation()
                // The consumer's server is behind and says that this was all, or lacks what the others have.
                stop()
                guard ContinuousClock.now < deadline else {
                    throw EventLogError(
                        .unavailable,
                        "the servers of the stream \(log.stream.name) have not sent the event at position \(last.position + 1), which is there; trying again may help"
                    )
                }
                try await Task.sleep(for: pause.next())
            }
        }

        private mutating func take() async throws -> OrderedBatch? {
            if iterator == nil {
                var options = OrderedOptions(end: end.map { UInt64($0) })
                options.name = end == nil ? "hindsight-reader" : "hindsight-range"
                options.messageTimeout = patience
                options.headersOnly = headersOnly
                if let end { options.maximumMessages = Int(min(end - last.position, Int64(options.maximumMessages))) }
                let messages = try log.stream.jetStream.ordered(
                    on: log.stream.name, from: .sequence(UInt64(last.position) + 1), filter: nil, options: options)
                self.messages = messages
                iterator = messages.batches.makeAsyncIterator()
            }
            return try await iterator?.next()
        }

        /// Whether a batch is without a hole, also before it. If not, but the leader holds what is missing, only its server lacks it.
        private func isNext(_ batch: OrderedBatch) async throws -> Bool {
            var expected = UInt64(last.position) + 1
            for delivery in batch.deliveries {
                guard delivery.streamSequence == expected else {
                    _ = try await log.message(thatMustBeAt: Int64(expected))
                    return false
                }
                expected += 1
            }
            return true
        }

        /// Compares the place with the log, if there is another consumer than when that was last done.
        private mutating func verify() async throws {
            let healings = messages?.healings ?? 0
            guard verifiedHealings != healings else { return }
            // A place without an anchor is the caller's to compare.
            if last.anchor != nil { try await log.verify(last) }
            verifiedHealings = healings
        }
    }

    extension JetStreamEventLog {
        /// Goes through the messages behind a place and up to a position, in order, each of them.
        ///
        /// - Parameters:
        ///   - place: behind which message to begin. Without an anchor it is not compared with the log.
        ///   - end: the last position, at or below the frontier.
        ///   - patience: how long it waits for what must be there; `nil` for as long as the log says. Defaults to `nil`.
        ///   - body: called with what came together; it answers whether to go on.
        /// - Throws: as ``StreamReading/next()``, and what `body` throws.
        func forEachBatch(
            after place: Offset, through end: Int64, patience: Duration? = nil, _ body: (OrderedBatch) throws -> Bool
        ) async throws {
            guard place.position < end else { return }
            var reading = StreamReading(self, after: place, through: end, patience: patience)
            defer { reading.stop() }
            while reading.last.position < end {
                if try !body(try await reading.next()) { return }
            }
        }
    }
#endif
