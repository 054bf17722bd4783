#if NATS
    import NIOCore

    /// The messages of a subject, as an async sequence that one task reads at a time.
    ///
    /// A message counts as handled when the next one is asked for, so a loop handles one after the other:
    ///
    /// ```swift
    /// for await message in try await client.subscribe(to: "orders.>") {
    ///     print(message.subject)
    /// }
    /// ```
    ///
    /// The loop ends when the subscription is drained or closed. A loop that is left gives back what it has not handled; another
    /// one goes on there. A subscription that is let go is closed.
    public final class NATSSubscription: Sendable {
        let core: SubscriptionCore

        init(_ core: SubscriptionCore) {
            self.core = core
        }

        deinit {
            core.client.unsubscribe(core)
        }

        /// The subject that it was made for.
        public var subject: NATSSubject { core.subject }

        /// What waits to be handled, and what was lost.
        public var pending: NATSPending { core.pending }

        /// What one read from the network brought, batch by batch: the same messages, for readers that count every nanosecond.
        public var batches: NATSBatches { NATSBatches(subscription: self) }

        /// Ends it at once: what waits is thrown away.
        public func unsubscribe() {
            core.client.unsubscribe(core)
        }

        /// Ends it when so many messages were received in all, those before this call included. After a reconnect the server is
        /// told how many are left.
        ///
        /// - Parameter messages: 1 or more.
        public func unsubscribe(after messages: Int) {
            core.client.unsubscribe(core, after: Swift.max(messages, 1))
        }

        /// Lets the server stop, has everything handled that it sent, and closes. It returns at once and can be called from
        /// anywhere, any number of times.
        ///
        /// - Parameter timeout: how long that may take; the client's ``NATSConfiguration/drainTimeout`` without it.
        public func drain(timeout: Duration? = nil) {
            core.client.drain(core, timeout: timeout)
        }

        /// Returns when it has ended and the last message is handled.
        ///
        /// - Throws: ``NATSError``: why it ended if it was not asked to, ``NATSError/Code/drainTimedOut``, or
        ///   ``NATSError/Code/cancelled`` if the waiting task was.
        public var closed: Void {
            get async throws(NATSError) { try await core.closed.wait() }
        }

        /// Waits for the end for so long at most.
        ///
        /// - Returns: whether it has ended.
        /// - Throws: as ``closed``.
        public func closed(within duration: Duration) async throws(NATSError) -> Bool {
            try await core.closed.wait(within: duration)
        }
    }

    extension NATSSubscription: AsyncSequence {
        /// Takes the messages one by one.
        public struct AsyncIterator: AsyncIteratorProtocol {
            private let reader: SubscriptionReader

            init(_ reader: SubscriptionReader) {
                self.reader = reader
            }

            /// The next message; the one before it is handled. `nil` if there is none any more, or the task was cancelled.
            public mutating func next() async -> NATSMessage? {
                await reader.next()
            }
        }

        /// A reader; there is one at a time.
        public func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(SubscriptionReader(self))
        }
    }

    /// The messages of a subscription, batch by batch.
    public struct NATSBatches: AsyncSequence, Sendable {
        let subscription: NATSSubscription

        /// Takes the batches.
        public struct AsyncIterator: AsyncIteratorProtocol {
            private let reader: SubscriptionReader

            init(_ reader: SubscriptionReader) {
                self.reader = reader
            }

            /// The next batch; the one before it is handled. `nil` if there is none any more, or the task was cancelled.
            public mutating func next() async -> NATSMessageBatch? {
                await reader.nextBatch()
            }
        }

        /// A reader; there is one at a time.
        public func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(SubscriptionReader(subscription))
        }
    }
#endif
