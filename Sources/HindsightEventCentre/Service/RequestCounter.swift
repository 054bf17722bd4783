#if NATS
    import HindsightLog
    import HindsightNATS
    import HindsightTracing
    import HindsightValues
    import Logging

    /// Takes the requests of a subject and answers each, a limited number at once.
    struct RequestCounter: Sendable {
        /// Answers a request: the last token of its subject, and its content.
        typealias Answering = @Sendable (String, [UInt8]) async throws -> [UInt8]

        let kind: CentreMetrics.Kind
        let subscription: NATSSubscription
        /// How many requests are worked on at once.
        let limit: Int
        /// The largest request.
        let requestBytes: Int
        let metrics: CentreMetrics
        let logger: Logger
        let answer: Answering

        /// Takes no more requests; those that came are answered.
        func drain() { subscription.drain() }

        /// Answers requests until it is drained, and then the last one.
        ///
        /// - Throws: `NATSError` if the subscription ends for another reason.
        func run() async throws {
            await withTaskGroup(of: Void.self) { group in
                let messages = subscription.makeAsyncIterator()
                await take(messages, in: &group)
            }
            try Task.checkCancellation()
            do throws(NATSError) {
                try await subscription.closed
            } catch {
                guard error.code == .drainTimedOut else { throw error }
                logger.warning(
                    "event centre not drained in time",
                    metadata: ["nats.subject": "\(subscription.subject)", "error.message": "\(error)"])
            }
        }

        private func take(_ messages: NATSSubscription.AsyncIterator, in group: inout TaskGroup<Void>) async {
            var messages = messages
            var inFlight = 0
            var dropped = 0
            while let message = await messages.next() {
                let lost = subscription.pending.dropped
                if lost > dropped { metrics.dropped(kind, lost - dropped) }
                dropped = lost
                if inFlight == limit {
                    await group.next()
                    inFlight -= 1
                }
                inFlight += 1
                group.addTask { await handle(message) }
            }
        }

        private func handle(_ message: NATSMessage) async {
            guard message.reply != nil else {
                logger.debug("request without reply", metadata: ["nats.subject": "\(message.subject)"])
                return
            }
            let start = ContinuousClock.now
            let reply = await RequestSpan.answering(message.subject.rawValue, header: { message.headers[$0] }) {
                await content(message)
            } failure: {
                $0?.failure
            }
            guard let reply else { return }
            let answer = reply.bytes
            metrics.answered(kind, reply.failure.map { "\($0.code)" } ?? "answered", since: start)
            do throws(NATSError) {
                do throws(NATSError) {
                    try await message.respond(answer)
                } catch {
                    guard error.code == .payloadTooLarge else { throw error }
                    // Without an answer it would be asked for again and again.
                    let tooLarge = EventCentreError(
                        .tooLarge,
                        "the answer has \(answer.count) bytes, which the NATS server does not take: \(error.message)")
                    try await message.respond(Answer.error(tooLarge))
                }
            } catch {
                logger.warning(
                    "answer not sent",
                    metadata: ["nats.subject": "\(message.subject)", "error.message": "\(error)"])
            }
        }

        /// What is sent, and what it says if it is an error.
        private struct Reply: Sendable {
            var bytes: [UInt8]
            var failure: EventCentreError?
        }

        /// - Returns: the answer; nil if the node gives up what it is at: whoever asked asks again.
        private func content(_ message: NATSMessage) async -> Reply? {
            do {
                guard message.size <= requestBytes else {
                    throw EventCentreError(
                        .tooLarge, "the request has \(message.size) bytes; it may have \(requestBytes)")
                }
                let subject = CentreSubjects.name(message.subject.rawValue)
                return Reply(bytes: try await answer(subject, message.withPayload { Array($0) }))
            } catch {
                // Whatever that has led to, it is not the request's fault.
                guard !Task.isCancelled else { return nil }
                let failure = said(error, message)
                return Reply(bytes: Answer.error(failure), failure: failure)
            }
        }

        /// An error in the words of an answer: what is the program's own is logged, and not sent.
        private func said(_ error: any Error, _ message: NATSMessage) -> EventCentreError {
            if let error = error as? EventCentreError { return error }
            if error.isInterruption {
                return EventCentreError(
                    .unavailable,
                    "the log or the database is not to be had at the moment: ask again, or repeat the command as it was"
                )
            }
            logger.error(
                "request failed", metadata: ["nats.subject": "\(message.subject)", "error.message": "\(error)"])
            return EventCentreError(
                .failed, "the program failed with an error of the type \(type(of: error)), which its log describes")
        }
    }
#endif
