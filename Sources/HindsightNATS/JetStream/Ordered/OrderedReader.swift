#if NATS
    import NIOCore

    /// Reads for one iterator, which one task uses: it sees to the consumer, asks for messages, and waits for them.
    final class OrderedReader {
        /// Kept for as long as somebody reads.
        private let messages: OrderedMessages
        private let core: OrderedCore
        private let reader: SubscriptionReader
        /// What is left of the batch that was taken, in parts: a copy of the whole for each message would count references four
        /// times.
        private var raw: NATSMessageBatch?
        private var deliveries: [JetStreamDelivery] = []
        private var position = 0

        init(_ messages: OrderedMessages) {
            self.messages = messages
            core = messages.core
            reader = SubscriptionReader(core.inbox.subscription, isInterruptedByReconnect: true)
            core.resume()
        }

        deinit {
            // Another reader goes on there.
            if let rest = takeRest() { core.putBack(rest) }
        }

        func next() async throws(JetStreamError) -> JetStreamMessage? {
            while true {
                if position < deliveries.count, let message = raw?[offset: position] {
                    if core.isStopped { return nil }
                    position += 1
                    return JetStreamMessage(message, deliveries[position - 1])
                }
                raw = nil
                deliveries = []
                position = 0
                guard let batch = try await readBatch() else { return nil }
                raw = batch.raw
                deliveries = batch.deliveries
            }
        }

        func nextBatch() async throws(JetStreamError) -> OrderedBatch? {
            if let rest = takeRest() { return core.isStopped ? nil : rest }
            return try await readBatch()
        }

        /// What was taken and not handed over.
        private func takeRest() -> OrderedBatch? {
            guard let raw, position < deliveries.count else { return nil }
            defer {
                self.raw = nil
                deliveries = []
                position = 0
            }
            return OrderedBatch(raw: raw, deliveries: deliveries).dropping(position)
        }

        private func readBatch() async throws(JetStreamError) -> OrderedBatch? {
            if let rest = core.takeRest(), !core.isStopped { return rest }
            let deadline = core.options.messageTimeout.map { NIODeadline.now() + TimeAmount($0) }
            while true {
                if let deadline, NIODeadline.now() >= deadline { throw core.noMessageInTime() }
                switch core.task() {
                case .finish:
                    core.stop()
                    return nil
                case .fail(let error): throw error
                case .makeConsumer:
                    do throws(JetStreamError) {
                        try await core.makeConsumer()
                    } catch {
                        if error.code == .cancelled { return nil }
                        throw error
                    }
                    continue
                case .lookForEnd:
                    try await core.lookForEnd()
                    continue
                case .wait: break
                }
                do throws(JetStreamError) {
                    try await core.pull()
                } catch {
                    guard error.isRetriable else { throw error }
                    core.reset(.told(error.message))
                    continue
                }
                let silence = NIODeadline.now() + TimeAmount(core.options.heartbeat * 2)
                let (raw, filling) = await reader.nextBatch(until: deadline.map { min($0, silence) } ?? silence)
                switch filling {
                case .filled:
                    if let raw, let batch = core.take(raw) { return batch }
                case .timedOut: if NIODeadline.now() >= silence { core.reset(.silence) }
                case .reconnected: core.reset(.reconnected)
                case .cancelled: return nil
                case .ended:
                    if let failure = reader.failure { throw JetStreamError(failure, core.what) }
                    core.stop()
                    return nil
                }
            }
        }
    }

    extension OrderedBatch {
        /// What is behind the first ones.
        fileprivate func dropping(_ count: Int) -> OrderedBatch {
            var rest = raw
            rest.frames = raw.frames.dropFirst(count)
            return OrderedBatch(raw: rest, deliveries: Array(deliveries.dropFirst(count)))
        }
    }
#endif
