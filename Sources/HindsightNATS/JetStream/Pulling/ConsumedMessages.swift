#if NATS
    import Logging

    /// The messages of a consumer, as an async sequence that one task reads at a time.
    ///
    /// A message counts as handled when the next one is asked for. It has to be acknowledged, or it is delivered again:
    ///
    /// ```swift
    /// for try await message in try consumer.messages() {
    ///     try await place(message.payload)
    ///     try await message.ack()
    /// }
    /// ```
    ///
    /// More messages are asked for when half of them have come. When nothing is heard for two heartbeats, or there is another
    /// connection, it is asked again. The loop ends after ``drain(timeout:)`` and ``stop()``; it throws if the consumer is deleted.
    public final class ConsumedMessages: Sendable {
        let core: ConsumptionCore

        init(_ core: ConsumptionCore) {
            self.core = core
        }

        deinit {
            core.stop()
        }

        /// How often something went wrong and it was asked again.
        public var healings: Int { core.healings }

        /// Lets the server stop, has everything handled that it sent, and ends. It returns at once and can be called from anywhere,
        /// from a handler too, any number of times.
        ///
        /// - Parameter timeout: how long that may take; the client's ``NATSConfiguration/drainTimeout`` without it.
        public func drain(timeout: Duration? = nil) { core.inbox.subscription.drain(timeout: timeout) }

        /// Ends at once. What has come and was not handled is not acknowledged, so it is delivered again, to this reader or another
        /// one. It can be called from anywhere, any number of times.
        public func stop() { core.stop() }

        /// Returns when it has ended and the last message is handled.
        ///
        /// - Throws: ``JetStreamError``: why it ended if it was not asked to; `drainTimedOut`; `cancelled` if the waiting task was.
        public var closed: Void {
            get async throws(JetStreamError) {
                do throws(NATSError) {
                    try await core.inbox.subscription.closed
                } catch {
                    throw JetStreamError(error, core.what)
                }
                if let failure = core.failure { throw failure }
            }
        }

        /// Waits for the end for so long at most.
        ///
        /// - Returns: whether it has ended.
        /// - Throws: as ``closed``.
        public func closed(within duration: Duration) async throws(JetStreamError) -> Bool {
            let hasEnded: Bool
            do throws(NATSError) {
                hasEnded = try await core.inbox.subscription.closed(within: duration)
            } catch {
                throw JetStreamError(error, core.what)
            }
            if hasEnded, let failure = core.failure { throw failure }
            return hasEnded
        }

        /// Handles the messages one after the other. A message whose handler returns is acknowledged; one whose handler throws is given
        /// back, to be delivered again. An ack that cannot be sent is reported, and the message is delivered again.
        ///
        /// - Parameter handler: handles one message. It must not acknowledge it.
        /// - Throws: ``JetStreamError``: `consumerDeleted`; why it ended if it was not asked to.
        public func handle(_ handler: (JetStreamMessage) async throws -> Void) async throws(JetStreamError) {
            let reader = ConsumptionReader(self)
            while let message = try await reader.next() {
                var failure: (any Error)?
                do {
                    try await handler(message)
                } catch {
                    failure = error
                }
                do throws(JetStreamError) {
                    try await settle(message, failure)
                } catch {
                    core.report(error)
                }
            }
        }

        private func settle(_ message: JetStreamMessage, _ failure: (any Error)?) async throws(JetStreamError) {
            if let failure {
                message.message.client.logger.warning(
                    "a message is given back",
                    metadata: [
                        "error.message": "\(failure)", "nats.stream": "\(message.stream)",
                        "nats.sequence": "\(message.delivery.streamSequence)",
                    ])
                return try await message.nak(after: core.options.delayAfterFailure)
            }
            switch core.options.acknowledging {
            case .told: try await message.ack()
            case .confirmed(let duration): try await message.ack(confirmedWithin: duration)
            }
        }
    }

    extension ConsumedMessages: AsyncSequence {
        /// Takes the messages one by one.
        public struct AsyncIterator: AsyncIteratorProtocol {
            private let reader: ConsumptionReader

            init(_ reader: ConsumptionReader) {
                self.reader = reader
            }

            /// The next message; the one before it is handled. `nil` if there is none any more, or the task was cancelled.
            ///
            /// - Throws: ``JetStreamError``: `consumerDeleted`; `unavailable`, `timedOut` or `connection` if nobody has answered for
            ///   ``ConsumeOptions/patience``.
            public mutating func next() async throws(JetStreamError) -> JetStreamMessage? {
                try await reader.next()
            }

            /// The next message, as ``next()``.
            public mutating func next(isolation actor: isolated (any Actor)?) async throws(JetStreamError)
                -> JetStreamMessage?
            {
                try await next()
            }
        }

        /// A reader; there is one at a time.
        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(ConsumptionReader(self)) }
    }
#endif
