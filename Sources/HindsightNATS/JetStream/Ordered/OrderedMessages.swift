#if NATS
    /// The messages of a stream in order, as an async sequence that one task reads at a time: none is left out, none comes twice,
    /// whatever happens to servers and connections.
    ///
    /// There is a short-lived consumer behind it, which is made anew behind the last message when it is lost, when deliveries are
    /// missing, or when nothing is heard of it. Nothing is acknowledged: whoever reads keeps the place, which is
    /// ``JetStreamDelivery/streamSequence``.
    ///
    /// ```swift
    /// for try await message in try jetStream.ordered(on: "ORDERS", from: .sequence(place + 1)) {
    ///     place = message.delivery.streamSequence
    /// }
    /// ```
    ///
    /// The loop ends after ``drain(timeout:)`` and ``stop()``, and behind ``OrderedOptions/end``. It throws if there is no such
    /// stream, and if nobody has answered for ``OrderedOptions/patience``; another loop goes on where that one ended.
    public final class OrderedMessages: Sendable {
        let core: OrderedCore

        init(_ core: OrderedCore) {
            self.core = core
        }

        deinit {
            core.stop()
        }

        /// What came together, batch by batch: the same messages, for readers that count every nanosecond.
        public var batches: OrderedBatches { OrderedBatches(messages: self) }

        /// How often the reading had to begin anew.
        public var healings: Int { core.healings }

        /// Has everything read that has come, and nothing else, and ends. It returns at once and can be called from anywhere, any
        /// number of times.
        ///
        /// - Parameter timeout: how long that may take; the client's ``NATSConfiguration/drainTimeout`` without it.
        public func drain(timeout: Duration? = nil) { core.inbox.subscription.drain(timeout: timeout) }

        /// Ends at once: what was not read is thrown away. It can be called from anywhere, any number of times.
        public func stop() { core.stop() }

        /// Returns when it has ended and what was read is handled.
        ///
        /// - Throws: ``JetStreamError``: `drainTimedOut`; `cancelled` if the waiting task was; why the client closed.
        public var closed: Void {
            get async throws(JetStreamError) {
                do throws(NATSError) {
                    try await core.inbox.subscription.closed
                } catch {
                    throw JetStreamError(error, core.what)
                }
            }
        }

        /// Waits for the end for so long at most.
        ///
        /// - Returns: whether it has ended.
        /// - Throws: as ``closed``.
        public func closed(within duration: Duration) async throws(JetStreamError) -> Bool {
            do throws(NATSError) {
                return try await core.inbox.subscription.closed(within: duration)
            } catch {
                throw JetStreamError(error, core.what)
            }
        }
    }

    extension OrderedMessages: AsyncSequence {
        /// Takes the messages one by one.
        public struct AsyncIterator: AsyncIteratorProtocol {
            private let reader: OrderedReader

            init(_ reader: OrderedReader) {
                self.reader = reader
            }

            /// The next message; the one before it is handled. `nil` if there is none any more, or the task was cancelled.
            ///
            /// - Throws: ``JetStreamError``: `streamNotFound`; `unavailable`, `timedOut` or `connection` if nobody has answered
            ///   for a while. It can be called again.
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
        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(OrderedReader(self)) }
    }

    /// The messages of a stream in order, batch by batch.
    public struct OrderedBatches: AsyncSequence, Sendable {
        let messages: OrderedMessages

        /// Takes the batches.
        public struct AsyncIterator: AsyncIteratorProtocol {
            private let reader: OrderedReader

            init(_ reader: OrderedReader) {
                self.reader = reader
            }

            /// The next batch, which is not empty; the one before it is handled. `nil` if there is none any more, or the task was
            /// cancelled.
            ///
            /// - Throws: as ``OrderedMessages/AsyncIterator/next()``.
            public mutating func next() async throws(JetStreamError) -> OrderedBatch? {
                try await reader.nextBatch()
            }

            /// The next batch, as ``next()``.
            public mutating func next(isolation actor: isolated (any Actor)?) async throws(JetStreamError)
                -> OrderedBatch?
            {
                try await next()
            }
        }

        /// A reader; there is one at a time.
        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(OrderedReader(messages)) }
    }
#endif
