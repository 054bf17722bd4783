#if NATS
    import Logging
    import NIOCore
    import Synchronization

    /// What the readers of a consumer's messages share: what was asked for, and what to do with what the server says.
    final class ConsumptionCore: Sendable {
        private struct State {
            var pulls: PullMachine
            /// The number of the requests; those before something went wrong have another one.
            var serial: UInt64 = 1
            /// What went wrong since it was last seen to.
            var trouble: JetStreamError?
            /// Whether the consumer may be gone.
            var isDoubtful = false
            /// How long it is worth asking again.
            var pauses: Pauses?
            /// Why there is nothing more.
            var failure: JetStreamError?
            var healings = 0
            /// How often a server had been told of the subscription when it was last asked for messages.
            var beginnings = 0
        }

        let inbox: PullInbox
        let what: String
        let options: ConsumeOptions
        private let consumer: Consumer
        private let state: Mutex<State>

        init(_ consumer: Consumer, _ options: ConsumeOptions) throws(JetStreamError) {
            what = "reading from the consumer \(consumer.name) of the stream \(consumer.stream)"
            self.consumer = consumer
            self.options = options
            inbox = try PullInbox(consumer.jetStream.core, what)
            state = Mutex(
                State(
                    pulls: PullMachine(
                        limit: PullAmount(messages: options.maximumMessages, bytes: options.maximumBytes))))
        }

        /// How often something went wrong and it was asked again.
        var healings: Int { state.withLock { $0.healings } }

        /// Why it ended, if not because it was asked to.
        var failure: JetStreamError? { state.withLock { $0.failure } }

        /// Whether the server may still be asked.
        var isActive: Bool { inbox.subscription.core.isActive }

        /// Whether it was ended at once.
        var isStopped: Bool { inbox.subscription.core.isEnded }

        /// A reader begins. What was asked for died with its connection, if there was another one while nobody read.
        func resume() {
            let isNew = state.withLock { state in
                state.beginnings > 0 && inbox.subscription.core.beginnings > state.beginnings
            }
            if isNew {
                troubled(
                    JetStreamError(NATSError(.disconnected, "there is another connection"), what), isDoubtful: false)
            }
        }

        func stop() { inbox.subscription.unsubscribe() }

        /// Something went wrong: whatever was asked for does not come any more.
        ///
        /// - Parameter isDoubtful: whether the consumer may be gone.
        func troubled(_ error: JetStreamError, isDoubtful: Bool) {
            state.withLock { state in
                Self.trouble(&state, error, isDoubtful: isDoubtful)
            }
        }

        private static func trouble(_ state: inout State, _ error: JetStreamError, isDoubtful: Bool) {
            state.pulls.lost()
            state.serial += 1
            state.trouble = error
            state.isDoubtful = isDoubtful
        }

        /// It cannot go on.
        private func fail(_ error: JetStreamError) -> JetStreamError {
            state.withLock { $0.failure = error }
            stop()
            return error
        }

        /// Sees to what went wrong, if anything did: reports it, and waits until the consumer answers again.
        func recover() async throws(JetStreamError) {
            let (trouble, isDoubtful) = state.withLock { state in
                if state.trouble != nil { state.healings += 1 }
                defer { state.trouble = nil }
                return (state.trouble, state.isDoubtful)
            }
            if let trouble { report(trouble) }
            guard isDoubtful else { return }
            var jetStream = consumer.jetStream
            jetStream.patience = .zero
            while isActive {
                do throws(JetStreamError) {
                    _ = try await jetStream.consumerInfo(consumer.name, on: consumer.stream)
                    return state.withLock { $0.isDoubtful = false }
                } catch {
                    if error.code == .consumerNotFound || error.code == .streamNotFound {
                        throw fail(
                            JetStreamError(.consumerDeleted, "\(what): it is not there any more", underlying: nil))
                    }
                    guard error.isRetriable, let pause = pause() else { throw error }
                    try await Pauses.wait(pause)
                }
            }
        }

        /// How long to wait before the next attempt; `nil` if there was time enough.
        private func pause() -> Duration? {
            state.withLock { state in
                var pauses = state.pauses ?? Pauses(within: options.patience ?? .seconds(1_000_000_000))
                let pause = pauses.next()
                // The next attempts are counted anew.
                state.pauses = pause == nil ? nil : pauses
                return pause
            }
        }

        func report(_ error: JetStreamError) {
            consumer.jetStream.core.logger.warning(
                "reading from a consumer is troubled", metadata: ["error.message": "\(error)"])
            options.whenTroubled?(error)
        }

        /// Asks for more messages if it is time.
        ///
        /// - Parameter held: how many messages the reader has, which count as not handled.
        func pull(held: Int) async throws(JetStreamError) {
            let due: (PullAmount, UInt64)? = state.withLock { state in
                guard isActive, state.trouble == nil, let amount = state.pulls.request(held: held) else { return nil }
                state.beginnings = inbox.subscription.core.beginnings
                return (amount, state.serial)
            }
            guard let (amount, serial) = due else { return }
            try await inbox.ask(
                PullRequest(amount: amount, expires: options.requestLifetime, heartbeat: options.heartbeat),
                at: consumer.nextSubject, number: serial, what)
        }

        /// Sorts what came.
        ///
        /// - Returns: the message; `nil` if it was a word of the server.
        func take(_ message: NATSMessage) throws(JetStreamError) -> JetStreamMessage? {
            guard message.frame.replyLength > 0 else {
                try heard(message)
                return nil
            }
            guard let subject = message.withReply({ AckSubject(parsing: $0) }) else { return nil }
            state.withLock { state in
                state.pulls.received(size: message.frame.pulledSize)
                state.pauses = nil
            }
            return JetStreamMessage(message, subject.delivery)
        }

        private func heard(_ message: NATSMessage) throws(JetStreamError) {
            guard let status = PullStatus(of: message) else { return }
            let number = inbox.number(of: message)
            let refusal: String? = state.withLock { state in
                guard number == state.serial else { return nil }
                switch status {
                case .heartbeat: state.pauses = nil
                case .ended(let left): state.pulls.ended(left: left)
                case .tooLarge(let left): state.pulls.ended(left: left, isTooLarge: true)
                case .noMessages: state.pulls.lost()
                case .interrupted(let text):
                    Self.trouble(
                        &state, JetStreamError(.unavailable, "\(what): the server says \"\(text)\""), isDoubtful: true)
                case .noResponders:
                    Self.trouble(&state, JetStreamError.nobodyAnswers(what), isDoubtful: true)
                case .deleted: return ""
                case .refused(let text): return text
                }
                return nil
            }
            guard let refusal else { return }
            throw fail(
                refusal.isEmpty
                    ? JetStreamError(.consumerDeleted, "\(what): it was deleted")
                    : JetStreamError(.serverError, "\(what): the server refuses a request: \(refusal)"))
        }
    }
#endif
