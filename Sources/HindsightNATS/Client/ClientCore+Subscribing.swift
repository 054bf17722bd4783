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
            let (isConnected, flushes) = state.withLock { state -> (Bool, Bool) in
                guard state.link != nil else { return (false, false) }
                guard state.machine.isLinked else {
                    // The server is about to be left. What it has sent still comes before the connection is gone.
                    state.pongs.append((.fence([subscription]), state.output.position))
                    return (true, false)
                }
                state.output.command("UNSUB \(subscription.id)\r\n")
                return (true, state.ping(.fence([subscription])))
            }
            if !isConnected { subscription.nothingMoreComes() }
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

        /// A subscription can take no more, so the connection is not read. On the event loop.
        func suspendReading() {
            let isFirst = state.withLock { state in
                state.suspensions += 1
                return state.suspensions == 1
            }
            if isFirst { applySuspension() }
        }

        /// A subscription can take more.
        func resumeReading() {
            let isLast = state.withLock { state in
                state.suspensions -= 1
                return state.suspensions == 0
            }
            if isLast { eventLoop.execute { self.applySuspension() } }
        }

        /// Reads the connection or does not, as is right by now: others may have suspended it since. On the event loop.
        func applySuspension() {
            let (link, isSuspended) = state.withLock { ($0.link, $0.suspensions > 0) }
            // A connection that is gone is not read either way.
            link?.channel.setOption(.autoRead, value: !isSuspended).whenFailure { _ in }
        }
    }
#endif
