#if NATS
    import NIOCore

    extension JetStream {
        /// Publishes a message and returns when a stream has stored it.
        ///
        /// While nobody answers for the stream it is published again, for ``patience``: such an answer says that it was not
        /// stored. A time-out and a lost connection say nothing, so they are errors: publish again with the same message id or
        /// the same expectation, and read back what is there if that is refused.
        ///
        /// - Parameters:
        ///   - payload: what it carries, in bytes.
        ///   - subject: a subject without wildcards.
        ///   - headers: its headers. Those that begin with `Nats-` belong to NATS.
        ///   - options: its id, and what the stream has to find.
        /// - Returns: where it is stored. See ``PublishAck/isDuplicate`` if it has an id.
        /// - Throws: ``JetStreamError``: `wrongLastSequence`, `wrongLastMessageID`, `wrongStream`, each for an expectation;
        ///   `idInProcess`, `messageTooLarge`, `notStored`, `unavailable`, `timedOut`, `connection`.
        @discardableResult
        public func publish(
            _ payload: some Collection<UInt8>, to subject: NATSSubject, headers: NATSHeaders = [:],
            options: PublishOptions = PublishOptions()
        ) async throws(JetStreamError) -> PublishAck {
            let headers = options.headers(with: headers)
            var pauses: Pauses?
            while true {
                do throws(JetStreamError) {
                    return try await publishOnce(payload, to: subject, headers: headers)
                } catch {
                    guard error.code == .unavailable else { throw error }
                    var next = pauses ?? Pauses(within: patience)
                    guard let pause = next.next() else { throw error }
                    pauses = next
                    try await Pauses.wait(pause)
                }
            }
        }

        /// Publishes a message, as ``publish(_:to:headers:options:)``.
        @discardableResult
        public func publish(_ draft: JetStreamDraft) async throws(JetStreamError) -> PublishAck {
            try await publish(draft.payload, to: draft.subject, headers: draft.headers, options: draft.options)
        }

        private func publishOnce(_ payload: some Collection<UInt8>, to subject: NATSSubject, headers: NATSHeaders)
            async throws(JetStreamError) -> PublishAck
        {
            let answer: NATSMessage
            do throws(NATSError) {
                answer = try await core.request(
                    payload, to: subject, headers: headers, within: timeout, endsWithConnection: true)
            } catch {
                throw JetStreamError(error, "publishing to \(subject)")
            }
            return try PublishAck(answer, "publishing to \(subject)")
        }
    }
#endif
