#if NATS
    import NIOCore

    extension JetStreamMessage {
        /// It is handled. The word can get lost, and then the message is delivered again; see ``ack(confirmedWithin:)``.
        ///
        /// - Throws: ``JetStreamError``: `connection`, `closed`, `draining`.
        public func ack() async throws(JetStreamError) {
            try await tell("+ACK", "acknowledging")
        }

        /// It is handled, and the server has said that it knows. The server is told again and again until it does; telling it
        /// what it knows changes nothing, so this can be called twice.
        ///
        /// - Parameter duration: for how long it is tried.
        /// - Throws: ``JetStreamError``: `timedOut` or `unavailable` if the server has not confirmed it in time: the message can be
        ///   delivered again, or not; `closed`, `draining`, `cancelled`.
        public func ack(confirmedWithin duration: Duration) async throws(JetStreamError) {
            guard let reply = message.reply else { throw notAcknowledgeable }
            let end = ContinuousClock.now + duration
            var pauses = Pauses(within: duration)
            while true {
                let rest = end - ContinuousClock.now
                do throws(JetStreamError) {
                    return try await confirm(reply, within: min(rest, .seconds(2)))
                } catch {
                    guard error.isRetriable, let pause = pauses.next() else { throw error }
                    try await Pauses.wait(pause)
                }
            }
        }

        private func confirm(_ reply: NATSSubject, within duration: Duration) async throws(JetStreamError) {
            let what = "acknowledging message \(delivery.streamSequence)"
            let answer: NATSMessage
            do throws(NATSError) {
                answer = try await message.client.request(
                    "+ACK".utf8, to: reply, headers: [:], within: max(duration, .milliseconds(1)),
                    endsWithConnection: true)
            } catch {
                throw JetStreamError(error, what)
            }
            if answer.status?.code == NATSStatus.noRespondersCode { throw JetStreamError.nobodyAnswers(what) }
        }

        /// It could not be handled, and is to be delivered again.
        ///
        /// - Parameter delay: how long the server is to wait before that; none for at once. Messages behind it may come before it
        ///   if more than one may be without acknowledgement.
        /// - Throws: as ``ack()``.
        public func nak(after delay: Duration? = nil) async throws(JetStreamError) {
            try await tell(
                delay.map { "-NAK {\"delay\": \($0.nanoseconds)}" } ?? "-NAK", "giving back")
        }

        /// It is still being handled: the time until it is delivered again begins anew.
        ///
        /// - Throws: as ``ack()``.
        public func inProgress() async throws(JetStreamError) {
            try await tell("+WPI", "working on")
        }

        /// It will never be handled, and is not to be delivered again.
        ///
        /// - Parameter reason: why, for those who watch the server's advisories. Without line breaks.
        /// - Throws: as ``ack()``.
        public func terminate(reason: String? = nil) async throws(JetStreamError) {
            try await tell(reason.map { "+TERM \($0)" } ?? "+TERM", "giving up")
        }

        private func tell(_ word: String, _ verb: String) async throws(JetStreamError) {
            guard let reply = message.reply else { throw notAcknowledgeable }
            do throws(NATSError) {
                try await message.client.publish(word.utf8, to: reply, reply: .none, headers: [:])
            } catch {
                throw JetStreamError(error, "\(verb) message \(delivery.streamSequence)")
            }
        }

        private var notAcknowledgeable: JetStreamError {
            JetStreamError(.invalidRequest, "message \(delivery.streamSequence) has no subject to acknowledge it to")
        }
    }
#endif
