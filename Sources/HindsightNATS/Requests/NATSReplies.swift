#if NATS
    import NIOCore

    /// The answers to a request, as they come. It ends at its limit, and the inbox with it.
    public struct NATSReplies: AsyncSequence, Sendable {
        let subscription: NATSSubscription
        let limit: NATSReplyLimit
        let deadline: NIODeadline

        /// Takes the answers.
        public struct AsyncIterator: AsyncIteratorProtocol {
            private let replies: NATSReplies
            private let reader: SubscriptionReader
            private var count = 0
            private var isDone = false

            init(_ replies: NATSReplies) {
                self.replies = replies
                reader = SubscriptionReader(replies.subscription)
            }

            /// The next answer; `nil` when there are enough, or the time is over.
            ///
            /// - Throws: ``NATSError/Code/noResponders`` if nobody listens, ``NATSError/Code/cancelled``, and
            ///   ``NATSError/Code/closed`` if the client was drained or closed before there were enough.
            public mutating func next() async throws(NATSError) -> NATSMessage? {
                guard !isDone, count < replies.limit.count ?? .max else { return end() }
                // The first answer may take as long as all of them.
                let stall = count == 0 ? nil : replies.limit.stall.map { NIODeadline.now() + TimeAmount($0) }
                let until = Swift.min(stall ?? replies.deadline, replies.deadline)
                let (message, filling) = await reader.next(until: until)
                guard let message else {
                    _ = end()
                    switch filling {
                    case .cancelled: throw NATSError(.cancelled, "the task that waited for answers was cancelled")
                    case .ended:
                        if case .failure(let error) = replies.subscription.core.closed.result { throw error }
                        throw NATSError(.closed, "the client drained or closed before all answers had come")
                    case .filled, .timedOut, .reconnected: return nil
                    }
                }
                if let status = message.status {
                    _ = end()
                    if status.code == NATSStatus.noRespondersCode, count == 0 {
                        throw NATSError(.noResponders, "nobody listens on the subject of the request")
                    }
                    return nil
                }
                if replies.limit.endsWithEmpty, message.payload.readableBytes == 0 { return end() }
                count += 1
                return message
            }

            private mutating func end() -> NATSMessage? {
                isDone = true
                replies.subscription.unsubscribe()
                return nil
            }

            /// The next answer, as ``next()``.
            public mutating func next(isolation actor: isolated (any Actor)?) async throws(NATSError) -> NATSMessage? {
                try await next()
            }
        }

        /// Begins to take the answers.
        public func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(self)
        }
    }
#endif
