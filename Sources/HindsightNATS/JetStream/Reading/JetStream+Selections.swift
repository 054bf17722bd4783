#if NATS
    import NIOCore

    extension JetStream {
        /// Messages of a stream from any replica, with one request. Needs a server of 2.11 and
        /// ``StreamConfiguration/allowsDirectReads``.
        ///
        /// For a few messages: an ordered consumer, ``ordered(on:from:filter:options:)``, reads many of them five times as fast.
        ///
        /// - Parameters:
        ///   - stream: the stream's name.
        ///   - selection: which messages, and how many at most.
        /// - Returns: the messages, none if there is none, and how many there are behind them.
        /// - Throws: ``JetStreamError``: `unavailable`, also if the stream does not allow it; `timedOut` if nothing came for
        ///   ``timeout``; `unsupported` if the server knows only single messages.
        public func messages(in stream: String, _ selection: MessageSelection) async throws(JetStreamError)
            -> StoredMessages
        {
            try Self.check(name: stream, of: "stream")
            let what = "reading messages of the stream \(stream)"
            let payload = try selection.request.encoded()
            return try await patiently { () throws(JetStreamError) in
                try await messagesOnce(in: stream, payload, what)
            }
        }

        private func messagesOnce(in stream: String, _ payload: [UInt8], _ what: String)
            async throws(JetStreamError) -> StoredMessages
        {
            let reader: SubscriptionReader
            do throws(NATSError) {
                let inbox = core.newInbox()
                let subscription = NATSSubscription(
                    try core.subscribe(to: NATSSubject(unchecked: inbox), queue: nil, options: .unlimited))
                try await core.publish(
                    payload, to: NATSSubject("\(prefix)DIRECT.GET.\(stream)"), reply: .subject(inbox), headers: [:])
                reader = SubscriptionReader(subscription, isInterruptedByReconnect: true)
            } catch {
                throw JetStreamError(error, what)
            }
            var messages: [StoredMessage] = []
            while true {
                let (next, filling) = await reader.next(until: .now() + TimeAmount(timeout))
                guard let next else { throw Self.failure(filling, reader, what) }
                if let status = next.status {
                    return try Self.end(status, next, messages, what)
                }
                guard let message = StoredMessage(direct: next) else {
                    throw JetStreamError(.unexpectedAnswer, "\(what): the answer has no message")
                }
                guard message.pending != nil else {
                    throw JetStreamError(.unsupported, "\(what): the server knows only single messages, it needs 2.11")
                }
                messages.append(message)
            }
        }

        private static func end(
            _ status: NATSStatus, _ message: NATSMessage, _ messages: [StoredMessage], _ what: String
        ) throws(JetStreamError) -> StoredMessages {
            switch status.code {
            case 204:
                return StoredMessages(
                    messages: messages, pending: message.number(of: "Nats-Num-Pending") ?? 0,
                    upTo: message.number(of: "Nats-UpTo-Sequence"))
            case 404: return StoredMessages(messages: messages, pending: 0, upTo: nil)
            case NATSStatus.noRespondersCode: throw JetStreamError.nobodyAnswers(what)
            default: throw JetStreamError(serverCode: nil, status: status.code, text: status.text, what)
            }
        }

        /// Why no message came.
        static func failure(_ filling: SubscriptionReader.Filling, _ reader: SubscriptionReader, _ what: String)
            -> JetStreamError
        {
            switch filling {
            case .filled, .timedOut: JetStreamError(.timedOut, "\(what): no answer came in time")
            case .cancelled: JetStreamError(.cancelled, "\(what): the task was cancelled")
            case .ended: JetStreamError(reader.failure ?? ConnectionMachine.closed, what)
            case .reconnected:
                JetStreamError(NATSError(.disconnected, "the connection was lost before all had come"), what)
            }
        }
    }
#endif
