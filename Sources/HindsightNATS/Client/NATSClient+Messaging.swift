#if NATS
    import NIOCore

    extension NATSClient {
        /// Publishes a message. It returns when the message is in the client's buffer, and waits only if that is full.
        ///
        /// - Parameters:
        ///   - payload: what it carries, in bytes.
        ///   - subject: a subject without wildcards.
        ///   - reply: where an answer is expected.
        ///   - headers: its headers.
        /// - Throws: ``NATSError``: `payloadTooLarge`, `invalidSubject`, `invalidHeader`, before anything is sent;
        ///   `disconnected` if there is no connection and the buffer for that is full; `draining`; `closed`.
        public func publish(
            _ payload: some Collection<UInt8>, to subject: NATSSubject, reply: NATSSubject? = nil,
            headers: NATSHeaders = [:]
        ) async throws(NATSError) {
            try reply?.checkLiteral()
            try await core.publish(
                payload, to: subject, reply: reply.map { .subject($0.rawValue) } ?? .none, headers: headers)
        }

        /// Returns when the server has everything that was published and subscribed before: a PING and its PONG.
        ///
        /// - Parameter duration: how long that may take. Without a connection it is waited for.
        /// - Throws: ``NATSError``: `timedOut`; `disconnected` if the connection is lost before, so that what was published is of
        ///   unknown fate; `closed`; `cancelled`.
        public func flush(within duration: Duration = .seconds(10)) async throws(NATSError) {
            try await core.flush(within: duration)
        }

        /// Subscribes. The server knows of it after a ``flush(within:)``.
        ///
        /// - Parameters:
        ///   - subject: a subject, wildcards included.
        ///   - queue: the queue group: of all its members one gets each message.
        ///   - options: how much is kept for a slow reader.
        /// - Throws: ``NATSError``: `invalidSubject`, `draining`, `closed`. A server that does not allow it ends the
        ///   subscription with `permissions`.
        public func subscribe(
            to subject: NATSSubject, queue: String? = nil, options: NATSSubscriptionOptions = NATSSubscriptionOptions()
        ) throws(NATSError) -> NATSSubscription {
            NATSSubscription(try core.subscribe(to: subject, queue: queue, options: options))
        }

        /// Subscribes for the time of a closure, and ends the subscription afterwards. To have everything handled that came,
        /// `body` drains it and reads to the end.
        public func withSubscription<Value>(
            to subject: NATSSubject, queue: String? = nil, options: NATSSubscriptionOptions = NATSSubscriptionOptions(),
            _ body: (NATSSubscription) async throws -> Value
        ) async throws -> Value {
            let subscription = try subscribe(to: subject, queue: queue, options: options)
            defer { subscription.unsubscribe() }
            return try await body(subscription)
        }

        /// Handles the messages of a subject one after the other, until the client drains or closes, the task is cancelled, or
        /// the handler throws.
        ///
        /// - Parameters:
        ///   - subject: a subject, wildcards included.
        ///   - queue: the queue group: of all its members one gets each message.
        ///   - handler: handles one message. What it throws ends the subscription, so that nothing behind it is handled.
        /// - Throws: what the handler throws, and ``NATSError`` if the subscription ends for a reason of its own.
        public func handle(
            _ subject: NATSSubject, queue: String? = nil, options: NATSSubscriptionOptions = NATSSubscriptionOptions(),
            _ handler: (NATSMessage) async throws -> Void
        ) async throws {
            let subscription = try subscribe(to: subject, queue: queue, options: options)
            defer { subscription.unsubscribe() }
            for await message in subscription { try await handler(message) }
            if Task.isCancelled { throw CancellationError() }
            try await subscription.closed
        }

        /// Publishes a message and returns the first answer.
        ///
        /// - Parameters:
        ///   - payload: what it carries, in bytes.
        ///   - subject: a subject without wildcards.
        ///   - headers: its headers.
        ///   - duration: how long the answer may take.
        /// - Throws: ``NATSError``: `noResponders` at once if nobody listens; `timedOut`; `cancelled`; and as
        ///   ``publish(_:to:reply:headers:)``.
        public func request(
            _ payload: some Collection<UInt8>, to subject: NATSSubject, headers: NATSHeaders = [:],
            within duration: Duration
        ) async throws(NATSError) -> NATSMessage {
            let answer = try await core.request(
                payload, to: subject, headers: headers, within: duration, endsWithConnection: false)
            if answer.status?.code == NATSStatus.noRespondersCode {
                throw NATSError(.noResponders, "nobody listens on \(subject)")
            }
            return answer
        }

        /// Publishes a message and gives the answers of all who listen.
        ///
        /// - Parameters:
        ///   - payload: what it carries, in bytes.
        ///   - subject: a subject without wildcards.
        ///   - headers: its headers.
        ///   - limit: when there are enough.
        /// - Throws: as ``publish(_:to:reply:headers:)``.
        public func requestMany(
            _ payload: some Collection<UInt8>, to subject: NATSSubject, headers: NATSHeaders = [:],
            until limit: NATSReplyLimit
        ) async throws(NATSError) -> NATSReplies {
            let inbox = NATSSubject(unchecked: core.newInbox())
            let subscription = NATSSubscription(
                try core.subscribe(
                    to: inbox, queue: nil, options: NATSSubscriptionOptions(), limit: limit.count.map { max($0, 1) }))
            try await publish(payload, to: subject, reply: inbox, headers: headers)
            return NATSReplies(
                subscription: subscription, limit: limit, deadline: .now() + TimeAmount(limit.total))
        }
    }
#endif
