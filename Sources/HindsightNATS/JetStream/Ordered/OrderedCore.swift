#if NATS
    import Logging
    import NIOCore
    import Synchronization

    /// What the readers of an ordered reading share: its place, its consumer, and what to do with what comes.
    final class OrderedCore: Sendable {
        private struct State {
            var machine: OrderedMachine
            var pulls: PullMachine
            /// What the subjects begin with that messages of the current consumer are acknowledged to.
            var prefix: [UInt8] = []
            /// The consumer that a server has for this, as far as is known.
            var consumer: String?
            /// What a reader took and gave back.
            var rest: OrderedBatch?
            /// Whether the end is to be looked for before anything is waited for.
            var looksForEnd = false
            /// Why the reading cannot go on.
            var failure: JetStreamError?
            var healings = 0
            /// How often a server had been told of the subscription when it was last asked for messages.
            var beginnings = 0
        }

        let inbox: PullInbox
        let what: String
        let options: OrderedOptions
        private let jetStream: JetStream
        private let stream: String
        private let filter: NATSSubject?
        private let name: String
        private let state: Mutex<State>

        init(
            _ jetStream: JetStream, stream: String, from start: StartPlace, filter: NATSSubject?,
            options: OrderedOptions
        ) throws(JetStreamError) {
            try JetStream.check(name: stream, of: "stream")
            what = "reading the stream \(stream) in order"
            self.jetStream = jetStream
            self.stream = stream
            self.filter = filter
            self.options = options
            name = "\(options.name)_\(ClientCore.unique())"
            inbox = try PullInbox(jetStream.core, what)
            state = Mutex(
                State(
                    machine: OrderedMachine(start: start, end: options.end),
                    pulls: PullMachine(
                        limit: PullAmount(messages: options.maximumMessages, bytes: options.maximumBytes))))
        }

        /// How often the reading had to begin anew.
        var healings: Int { state.withLock { $0.healings } }

        /// Whether it was ended at once.
        var isStopped: Bool { inbox.subscription.core.isEnded }

        /// What there is to do before something is waited for.
        enum Task {
            case makeConsumer
            case lookForEnd
            case wait
            case finish
            case fail(JetStreamError)
        }

        func task() -> Task {
            state.withLock { state in
                if state.machine.isFinished { return .finish }
                if let failure = state.failure {
                    state.failure = nil
                    return .fail(failure)
                }
                // What was sent before a drain is still read, but nothing else is begun.
                guard inbox.subscription.core.isActive else { return .wait }
                if state.machine.need != nil { return .makeConsumer }
                return state.looksForEnd ? .lookForEnd : .wait
            }
        }

        /// A reader begins. What was asked for died with its connection, if there was another one while nobody read.
        func resume() {
            state.withLock { state in
                if inbox.subscription.core.beginnings > max(1, state.beginnings) { state.machine.reset(.reconnected) }
            }
        }

        /// A new consumer is needed.
        func reset(_ reason: OrderedMachine.Reason) {
            state.withLock { $0.machine.reset(reason) }
        }

        /// What a reader left when it went.
        func putBack(_ rest: OrderedBatch) {
            state.withLock { $0.rest = rest }
        }

        func takeRest() -> OrderedBatch? {
            state.withLock { state in
                defer { state.rest = nil }
                return state.rest
            }
        }

        /// Ends at once, and has the server forget the consumer.
        func stop() {
            inbox.subscription.unsubscribe()
            forgetConsumer()
        }

        /// Nothing waits for the answer: a consumer that stays is deleted by its server after a while.
        private func forgetConsumer() {
            let consumer = state.withLock { state in
                defer { state.consumer = nil }
                return state.consumer
            }
            guard let consumer else { return }
            let core = jetStream.core
            core.send(
                UnsafeRawBufferPointer(start: nil, count: 0),
                to: NATSSubject("\(jetStream.prefix)CONSUMER.DELETE.\(stream).\(consumer)"), headers: [:],
                token: core.requests.token(), .callback { _ in }, until: .now() + TimeAmount(jetStream.timeout),
                endsWithConnection: true)
        }
    }

    extension OrderedCore {
        /// Makes a consumer behind the last message, and tries again for as long as is agreed.
        func makeConsumer() async throws(JetStreamError) {
            forgetConsumer()
            report()
            var pauses = Pauses(within: options.patience)
            // The pauses are made here, so that the end is noticed between them.
            var jetStream = jetStream
            jetStream.patience = .zero
            while inbox.subscription.core.isActive {
                let configuration: ConsumerConfiguration = state.withLock { state in
                    state.machine.begin()
                    state.pulls.lost()
                    state.prefix = []
                    state.looksForEnd = false
                    let name = "\(name)_\(state.machine.serial)"
                    state.consumer = name
                    return makeConfiguration(name, state.machine.start)
                }
                do throws(JetStreamError) {
                    let info = try await jetStream.apply(configuration, on: stream, action: "create")
                    return state.withLock { state in
                        state.machine.created(pending: info.pending, behind: info.delivered.streamSequence)
                        state.looksForEnd = state.machine.mayBeAtEnd
                    }
                } catch {
                    // It may be there all the same.
                    forgetConsumer()
                    guard error.isRetriable, let pause = pauses.next() else { throw error }
                    try await Pauses.wait(pause)
                }
            }
        }

        private func makeConfiguration(_ name: String, _ start: StartPlace) -> ConsumerConfiguration {
            var configuration = ConsumerConfiguration.ephemeral(name, inactiveFor: options.inactiveThreshold)
            configuration.acknowledgement = ConsumerAcknowledgement.none
            configuration.maximumDeliveries = 1
            configuration.isInMemory = true
            configuration.replicas = 1
            configuration.start = start
            if let filter { configuration.filters = [filter] }
            if options.headersOnly { configuration.deliversHeadersOnly = true }
            return configuration
        }

        /// The error of a reader that has waited for a message for as long as it was to.
        func noMessageInTime() -> JetStreamError {
            let place = state.withLock { $0.machine.start }
            return JetStreamError(
                .timedOut,
                "\(what): no message came within \(options.messageTimeout ?? .zero); what is wanted next is \(place)")
        }

        /// Tells whoever wants to know why a new consumer is made.
        private func report() {
            let reason = state.withLock { state in
                let reason = state.machine.need
                if let reason, reason != .beginning { state.healings += 1 }
                return reason
            }
            guard let error = reason?.error(what) else { return }
            jetStream.core.logger.warning("an ordered reading begins anew", metadata: ["error.message": "\(error)"])
            options.whenHealed?(error)
        }

        /// Asks for more messages if it is time.
        func pull() async throws(JetStreamError) {
            let due: (PullAmount, UInt64, String)? = state.withLock { state in
                guard inbox.subscription.core.isActive, state.machine.need == nil, let consumer = state.consumer,
                    let amount = state.pulls.request(remaining: state.machine.remaining(isFiltered: filter != nil))
                else { return nil }
                state.beginnings = inbox.subscription.core.beginnings
                return (amount, state.machine.serial, consumer)
            }
            guard let (amount, serial, consumer) = due else { return }
            try await inbox.ask(
                PullRequest(amount: amount, expires: options.requestLifetime, heartbeat: options.heartbeat),
                at: NATSSubject("\(jetStream.prefix)CONSUMER.MSG.NEXT.\(stream).\(consumer)"), number: serial, what)
        }

        /// Finds out whether the last message that is wanted was deleted, or is not selected: then nothing marks the end.
        func lookForEnd() async throws(JetStreamError) {
            let (end, consumer, sequence) = state.withLock { state in
                state.looksForEnd = false
                return (state.machine.end, state.consumer, state.machine.consumerSequence)
            }
            guard let end, let consumer else { return }
            // It is looked for again at the next heartbeat.
            var jetStream = jetStream
            jetStream.patience = .zero
            do throws(JetStreamError) {
                // In this order: what is stored after the first answer is behind the end.
                guard try await jetStream.streamInfo(stream).state.lastSequence >= end else { return }
                let info = try await jetStream.consumerInfo(consumer, on: stream)
                guard info.pending == 0, info.delivered.consumerSequence == sequence else { return }
                state.withLock { $0.machine.finish() }
            } catch {
                if error.code == .consumerNotFound { return reset(.deleted) }
                guard error.isRetriable else { throw error }
            }
        }
    }

    extension OrderedCore {
        /// Sorts what came: messages that are next, and words of the server.
        func take(_ raw: NATSMessageBatch) -> OrderedBatch? {
            state.withLock { state in
                var deliveries: [JetStreamDelivery] = []
                deliveries.reserveCapacity(raw.count)
                // Nearly always these are all of them, or all in a row.
                var row = raw.frames.startIndex..<raw.frames.startIndex
                var others: [MessageFrame]?
                raw.bytes.withUnsafeReadableBytes { bytes in
                    for index in raw.frames.indices {
                        let frame = raw.frames[index]
                        guard frame.replyLength > 0 else {
                            heard(raw[index], &state)
                            continue
                        }
                        guard let delivery = delivery(frame.reply(in: bytes), &state) else { continue }
                        state.pulls.received(size: frame.pulledSize)
                        switch state.machine.receive(delivery) {
                        case .deliver, .deliverAndFinish:
                            deliveries.append(delivery)
                            if others != nil {
                                others?.append(frame)
                            } else if row.isEmpty {
                                row = index..<(index + 1)
                            } else if row.upperBound == index {
                                row = row.lowerBound..<(index + 1)
                            } else {
                                others = Array(raw.frames[row]) + [frame]
                            }
                        case .ignore, .finish, .reset: break
                        }
                    }
                }
                if state.machine.mayBeAtEnd { state.looksForEnd = true }
                guard !deliveries.isEmpty else { return nil }
                var kept = raw
                kept.frames = others.map { $0[...] } ?? raw.frames[row]
                return OrderedBatch(raw: kept, deliveries: deliveries)
            }
        }

        /// What the subject says that a message is acknowledged to; `nil` if it is not of the current consumer.
        private func delivery(_ reply: UnsafeRawBufferPointer, _ state: inout State) -> JetStreamDelivery? {
            if !state.prefix.isEmpty {
                guard reply.hasPrefix(state.prefix) else { return nil }
                return AckSubject.delivery(reply, from: state.prefix.count)
            }
            guard let subject = AckSubject(parsing: reply), let consumer = state.consumer,
                reply[subject.consumer].elementsEqual(consumer.utf8)
            else { return nil }
            // All messages of a consumer begin the same.
            state.prefix = Array(reply[...subject.consumer.upperBound])
            return subject.delivery
        }

        private func heard(_ message: NATSMessage, _ state: inout State) {
            guard let status = PullStatus(of: message), inbox.number(of: message) == state.machine.serial else {
                return
            }
            switch status {
            case .heartbeat(let last): state.machine.heartbeat(last: last)
            case .ended(let left): state.pulls.ended(left: left)
            case .tooLarge(let left): state.pulls.ended(left: left, isTooLarge: true)
            case .noMessages: state.pulls.lost()
            case .interrupted(let text): state.machine.reset(.told(text))
            case .noResponders: state.machine.reset(.told("nobody answers for the consumer"))
            case .deleted: state.machine.reset(.deleted)
            case .refused(let text):
                state.machine.reset(.told(text))
                state.failure = JetStreamError(.serverError, "\(what): the server refuses a request: \(text)")
            }
        }
    }

    extension OrderedMachine.Reason {
        /// The reason as an error; `nil` if nothing went wrong.
        func error(_ what: String) -> JetStreamError? {
            switch self {
            case .beginning: nil
            case .gap(let expected, let found):
                JetStreamError(.deliveriesMissed, "\(what): delivery \(expected) was expected and \(found) came")
            case .silence: JetStreamError(.heartbeatsMissed, "\(what): nothing was heard for two heartbeats")
            case .stalled:
                JetStreamError(.heartbeatsMissed, "\(what): the server has messages and sent only heartbeats")
            case .reconnected:
                JetStreamError(NATSError(.disconnected, "there is another connection"), what)
            case .deleted: JetStreamError(.consumerDeleted, "\(what): the consumer was deleted")
            case .told(let text): JetStreamError(.unavailable, "\(what): the server says \"\(text)\"")
            }
        }
    }
#endif
