#if NATS
    import NIOCore
    import Synchronization

    /// The messages of one fetch, as they come. It is read once.
    public final class FetchedMessages: Sendable {
        private let inbox: PullInbox
        private let consumer: Consumer
        private let what: String
        private let heartbeat: Duration?
        private let deadline: NIODeadline
        private let machine: Mutex<FetchMachine>

        init(_ consumer: Consumer, _ limit: FetchLimit, within duration: Duration) async throws(JetStreamError) {
            what = "fetching from the consumer \(consumer.name) of the stream \(consumer.stream)"
            self.consumer = consumer
            inbox = try PullInbox(consumer.jetStream.core, what)
            machine = Mutex(FetchMachine(count: limit.amount.messages))
            // The end of a short one is known soon enough without, and a busy machine is silent for a second now and then.
            heartbeat = limit.waits && duration >= .seconds(10) ? Swift.min(.seconds(5), duration / 3) : nil
            // The server says when the time is over, and what it had sent before comes before that.
            let expires = limit.waits ? Swift.max(duration, .milliseconds(1)) : nil
            deadline = .now() + TimeAmount((expires ?? .zero) + consumer.jetStream.timeout)
            try await inbox.ask(
                PullRequest(amount: limit.amount, expires: expires, heartbeat: heartbeat), at: consumer.nextSubject,
                number: 1, what)
        }

        /// All of them.
        ///
        /// - Throws: as ``AsyncIterator/next()``. What had come by then has to be acknowledged or is delivered again.
        public func all() async throws(JetStreamError) -> [JetStreamMessage] {
            var all: [JetStreamMessage] = []
            var iterator = makeAsyncIterator()
            while let message = try await iterator.next() { all.append(message) }
            return all
        }

        fileprivate func next(_ reader: SubscriptionReader) async throws(JetStreamError) -> JetStreamMessage? {
            while true {
                guard machine.withLock({ $0.remaining }) > 0 else { return end() }
                let beat = heartbeat.map { NIODeadline.now() + TimeAmount($0 * 2) } ?? deadline
                let (message, filling) = await reader.next(until: Swift.min(beat, deadline))
                guard let message else {
                    _ = end()
                    switch filling {
                    case .filled, .cancelled: return nil
                    case .timedOut:
                        throw JetStreamError(
                            .heartbeatsMissed, "\(what): the server does not say that the time is over")
                    case .reconnected:
                        throw JetStreamError(
                            NATSError(.disconnected, "the connection was lost before all had come"), what)
                    case .ended:
                        if let failure = reader.failure { throw JetStreamError(failure, what) }
                        return nil
                    }
                }
                if message.frame.replyLength > 0 {
                    guard let subject = message.withReply({ AckSubject(parsing: $0) }) else { continue }
                    machine.withLock { $0.received() }
                    return JetStreamMessage(message, subject.delivery)
                }
                guard let status = PullStatus(of: message) else { continue }
                switch machine.withLock({ $0.heard(status) }) {
                case .goOn: continue
                case .done: return end()
                case .failed(let code, let text):
                    _ = end()
                    throw JetStreamError(code, "\(what): \(text)")
                case .unanswered:
                    _ = end()
                    // It says which of the two it is.
                    var jetStream = consumer.jetStream
                    jetStream.patience = .zero
                    _ = try await jetStream.consumerInfo(consumer.name, on: consumer.stream)
                    throw JetStreamError.nobodyAnswers(what)
                }
            }
        }

        private func end() -> JetStreamMessage? {
            inbox.subscription.unsubscribe()
            return nil
        }
    }

    extension FetchedMessages: AsyncSequence {
        /// Takes the messages one by one.
        public struct AsyncIterator: AsyncIteratorProtocol {
            private let messages: FetchedMessages
            private let reader: SubscriptionReader

            init(_ messages: FetchedMessages) {
                self.messages = messages
                reader = SubscriptionReader(messages.inbox.subscription, isInterruptedByReconnect: true)
            }

            /// The next message; `nil` when there are enough, or the time is over.
            ///
            /// - Throws: ``JetStreamError``: `consumerNotFound`, `consumerDeleted`, `unavailable`, `heartbeatsMissed`, `connection`.
            public mutating func next() async throws(JetStreamError) -> JetStreamMessage? {
                try await messages.next(reader)
            }

            /// The next message, as ``next()``.
            public mutating func next(isolation actor: isolated (any Actor)?) async throws(JetStreamError)
                -> JetStreamMessage?
            {
                try await next()
            }
        }

        /// A reader; there is one.
        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
    }

    extension Consumer {
        /// Fetches messages once.
        ///
        /// - Parameters:
        ///   - limit: how much.
        ///   - duration: how long to wait for what is not there yet. Without effect on ``FetchLimit/now(_:)``.
        /// - Returns: the messages, as they come. Each has to be acknowledged, or it is delivered again.
        /// - Throws: ``JetStreamError``: `closed`, `draining`.
        public func fetch(_ limit: FetchLimit, within duration: Duration = .seconds(5)) async throws(JetStreamError)
            -> FetchedMessages
        {
            try await FetchedMessages(self, limit, within: duration)
        }

        /// Fetches one message.
        ///
        /// - Returns: the message; `nil` if none came in time.
        /// - Throws: as ``FetchedMessages/AsyncIterator/next()``.
        public func next(within duration: Duration = .seconds(5)) async throws(JetStreamError) -> JetStreamMessage? {
            try await fetch(.messages(1), within: duration).all().first
        }
    }
#endif
