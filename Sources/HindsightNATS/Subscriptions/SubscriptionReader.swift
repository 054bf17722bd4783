#if NATS
    import NIOCore

    /// What a reader of a subscription holds: the rest of the batch that it took. It is used by one task.
    final class SubscriptionReader {
        private let subscription: NATSSubscription
        private let core: SubscriptionCore
        private var batch: NATSMessageBatch?
        private var position = 0
        private var end = 0
        /// Whether it has ever asked for messages; if not, it has none to give back and is not the one who handles them.
        private var isUsed = false
        /// How often a server had been told of the subscription when that was last looked at; `nil` if it does not matter.
        private var beginnings: Int?

        /// - Parameter isInterruptedByReconnect: whether a wait ends with ``Filling/reconnected`` when another connection has taken
        ///   the place of the one that was there.
        init(_ subscription: NATSSubscription, isInterruptedByReconnect: Bool = false) {
            self.subscription = subscription
            core = subscription.core
            beginnings = isInterruptedByReconnect ? core.beginnings : nil
        }

        /// Why the subscription ended, if it has.
        var failure: NATSError? { core.failure }

        deinit {
            putBack()
        }

        private func putBack() {
            guard isUsed else { return }
            guard var rest = batch else { return core.putBack(nil) }
            rest.frames = rest.frames[position..<end]
            core.putBack(rest)
        }

        func next() async -> NATSMessage? {
            while true {
                // Where messages never cease, a wait that could be cancelled may never come.
                if Task.isCancelled { return nil }
                // Not a copy of the batch, which would count its references for each message.
                if position < end, !core.isEnded, let message = batch?[position] {
                    position += 1
                    core.take(message.size)
                    return message
                }
                guard await fill(until: nil) == .filled else { return nil }
            }
        }

        func nextBatch() async -> NATSMessageBatch? {
            if Task.isCancelled { return nil }
            guard await fill(until: nil) == .filled, let batch else { return nil }
            position = end
            core.take(batch)
            return batch
        }

        /// How an attempt to get more messages ended.
        enum Filling {
            case filled
            case ended
            case timedOut
            case cancelled
            case reconnected
        }

        /// The next batch if it comes until `deadline`, and how the wait for it ended if not. All of it counts as handled when the
        /// next one is asked for.
        func nextBatch(until deadline: NIODeadline) async -> (NATSMessageBatch?, Filling) {
            if Task.isCancelled { return (nil, .cancelled) }
            let filling = await fill(until: deadline)
            guard filling == .filled, let batch else { return (nil, filling) }
            position = end
            core.take(batch)
            return (batch, .filled)
        }

        /// The next message if it comes until `deadline`, and how the wait for it ended if not.
        func next(until deadline: NIODeadline) async -> (NATSMessage?, Filling) {
            while true {
                if Task.isCancelled { return (nil, .cancelled) }
                // Not a copy of the batch, which would count its references for each message.
                if position < end, !core.isEnded, let message = batch?[position] {
                    position += 1
                    core.take(message.size)
                    return (message, .filled)
                }
                let filling = await fill(until: deadline)
                guard filling == .filled else { return (nil, filling) }
            }
        }

        private func fill(until deadline: NIODeadline?) async -> Filling {
            isUsed = true
            batch = nil
            position = 0
            end = 0
            switch await core.next(until: deadline, beginnings: beginnings) {
            case .batch(let next):
                batch = next
                position = next.startIndex
                end = next.endIndex
                return .filled
            case .ended: return .ended
            case .timedOut: return .timedOut
            case .cancelled: return .cancelled
            case .reconnected:
                beginnings = core.beginnings
                return .reconnected
            }
        }
    }
#endif
