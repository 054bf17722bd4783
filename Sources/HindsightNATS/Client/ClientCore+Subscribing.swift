#if NATS
    import NIOCore
    import Synchronization

    extension ClientCore {
        func subscribe(
            to subject: NATSSubject, queue: String?, options: NATSSubscriptionOptions, limit: Int? = nil
        ) throws(NATSError) -> SubscriptionCore {
            try subject.checkFilter()
            if let queue {
                guard !queue.isEmpty, queue.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
                    throw NATSError(.invalidSubject, "\(queue.debugDescription) is no name of a queue group")
                }
            }
            guard subject.rawValue.utf8.count + (queue?.utf8.count ?? 0) < 4_000 else {
                throw NATSError(.invalidSubject, "the subject and the queue group have 4,000 bytes or more")
            }
            let (subscription, flushes) = try state.withLock { state throws(NATSError) -> (SubscriptionCore, Bool) in
                if let refusal = state.machine.subscribeRefusal { throw refusal }
                let subscription = SubscriptionCore(
                    id: state.nextSubscription, subject: subject, queue: queue, options: options, client: self)
                state.nextSubscription += 1
                if let limit { _ = subscription.limit(to: limit) }
                state.subscriptions[subscription.id] = subscription
                guard state.machine.isLinked, let lines = subscription.begin() else { return (subscription, false) }
                state.output.command(lines)
                return (subscription, state.output.scheduleFlush())
            }
            if flushes { scheduleFlush() }
            return subscription
        }

        /// Ends a subscription at once.
        func unsubscribe(_ subscription: SubscriptionCore) {
            command("UNSUB \(subscription.id)\r\n", for: subscription)
            subscription.end(nil)
        }

        func unsubscribe(_ subscription: SubscriptionCore, after messages: Int) {
            command(subscription.limit(to: messages), for: subscription)
        }

        /// Has the server stop, and what it sent handled.
        func drain(_ subscription: SubscriptionCore, timeout: Duration?) {
            guard subscription.stop() else { return }
            let (isLinked, flushes) = state.withLock { state -> (Bool, Bool) in
                guard state.machine.isLinked else { return (false, false) }
                state.output.command("UNSUB \(subscription.id)\r\n")
                return (true, state.ping(.fence([subscription])))
            }
            if !isLinked { subscription.nothingMoreComes() }
            if flushes { scheduleFlush() }
            let timeout = timeout ?? configuration.drainTimeout
            eventLoop.scheduleTask(in: TimeAmount(timeout)) { [weak subscription] in
                guard let subscription, subscription.closed.result == nil else { return }
                let error = NATSError(
                    .drainTimedOut,
                    "the drain of the subscription to \(subscription.subject) was not done after \(timeout)")
                subscription.end(error)
                self.tell(.serverError(error))
            }
        }

        private func command(_ line: String, for subscription: SubscriptionCore) {
            let flushes = state.withLock { state in
                guard state.machine.isLinked, state.subscriptions[subscription.id] === subscription else {
                    return false
                }
                state.output.command(line)
                return state.output.scheduleFlush()
            }
            if flushes { scheduleFlush() }
        }

        /// A subscription has ended.
        func forget(_ subscription: SubscriptionCore) {
            let action = state.withLock { state in
                state.subscriptions[subscription.id] = nil
                return state.endOfDrain()
            }
            perform(action)
        }

        /// Messages for one subscription came.
        func deliver(_ frames: [MessageFrame], _ bytes: ByteBuffer, to id: UInt64) {
            guard id != Self.inboxSubscription else {
                for frame in frames { requests.answer(NATSMessage(bytes: bytes, frame: frame, client: self)) }
                return
            }
            state.withLock { $0.subscriptions[id] }?
                .receive(NATSMessageBatch(bytes: bytes, frames: frames[...], client: self))
        }

        /// A subscription can take no more, so the connection is not read.
        func suspendReading() {
            read(1) { $0 == 1 ? false : nil }
        }

        /// A subscription can take more.
        func resumeReading() {
            read(-1) { $0 == 0 ? true : nil }
        }

        private func read(_ change: Int, _ autoRead: (Int) -> Bool?) {
            let (link, value) = state.withLock { state in
                state.suspensions += change
                return (state.link, autoRead(state.suspensions))
            }
            if let link, let value { link.channel.setOption(.autoRead, value: value).whenFailure { _ in } }
        }
    }
#endif
