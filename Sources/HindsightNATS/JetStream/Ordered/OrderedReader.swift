#if NATS
    import NIOCore

    /// Reads for one iterator, which one task uses: it sees to the consumer, asks for messages, and waits for them.
    final class OrderedReader {
        /// Kept for as long as somebody reads.
        private let messages: OrderedMessages
        private let core: OrderedCore
        private let reader: SubscriptionReader
        private var batch: OrderedBatch?
        private var position = 0

        init(_ messages: OrderedMessages) {
            self.messages = messages
            core = messages.core
            reader = SubscriptionReader(core.inbox.subscription, isInterruptedByReconnect: true)
            core.resume()
        }

        deinit {
            // Another reader goes on there.
            if let batch, position < batch.count { core.putBack(batch.dropping(position)) }
        }

        func next() async throws(JetStreamError) -> JetStreamMessage? {
            while true {
                if let batch, position < batch.count {
                    if core.isStopped { return nil }
                    position += 1
                    return batch[position - 1]
                }
                batch = nil
                position = 0
                batch = try await readBatch()
                if batch == nil { return nil }
            }
        }

        func nextBatch() async throws(JetStreamError) -> OrderedBatch? {
            if let rest = batch, position < rest.count {
                batch = nil
                return core.isStopped ? nil : rest.dropping(position)
            }
            return try await readBatch()
        }

        private func readBatch() async throws(JetStreamError) -> OrderedBatch? {
            if let rest = core.takeRest(), !core.isStopped { return rest }
            while true {
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
                let (raw, filling) = await reader.nextBatch(until: .now() + TimeAmount(core.options.heartbeat * 2))
                switch filling {
                case .filled:
                    if let raw, let batch = core.take(raw) { return batch }
                case .timedOut: core.reset(.silence)
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
