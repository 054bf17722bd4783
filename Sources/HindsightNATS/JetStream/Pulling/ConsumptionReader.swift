#if NATS
    import NIOCore

    /// Reads for one iterator, which one task uses: it asks for messages and waits for them.
    final class ConsumptionReader {
        /// Kept for as long as somebody reads.
        private let messages: ConsumedMessages
        private let core: ConsumptionCore
        private let reader: SubscriptionReader

        init(_ messages: ConsumedMessages) {
            self.messages = messages
            core = messages.core
            reader = SubscriptionReader(core.inbox.subscription, isInterruptedByReconnect: true)
            core.resume()
        }

        func next() async throws(JetStreamError) -> JetStreamMessage? {
            if let failure = core.failure { throw failure }
            while true {
                do throws(JetStreamError) {
                    try await core.recover()
                } catch {
                    if error.code == .cancelled { return nil }
                    throw error
                }
                guard try await pull(held: 0) else { continue }
                let (message, filling) = await reader.next(until: .now() + TimeAmount(core.options.heartbeat * 2))
                switch filling {
                case .filled:
                    if let message, let taken = try core.take(message) {
                        // More is on its way while this one is handled.
                        _ = try await pull(held: 1)
                        return taken
                    }
                case .timedOut:
                    core.troubled(
                        JetStreamError(.heartbeatsMissed, "\(core.what): nothing was heard for two heartbeats"),
                        isDoubtful: true)
                case .reconnected:
                    core.troubled(
                        JetStreamError(NATSError(.disconnected, "there is another connection"), core.what),
                        isDoubtful: false)
                case .cancelled: return nil
                case .ended:
                    if let failure = core.failure { throw failure }
                    if let failure = reader.failure { throw JetStreamError(failure, core.what) }
                    return nil
                }
            }
        }

        /// Asks for more messages if it is time.
        ///
        /// - Returns: whether that went well. If not, it is seen to before anything is waited for.
        private func pull(held: Int) async throws(JetStreamError) -> Bool {
            do throws(JetStreamError) {
                try await core.pull(held: held)
                return true
            } catch {
                // A message that was taken is not lost because no more can be asked for.
                guard error.isRetriable || held > 0 else { throw error }
                core.troubled(error, isDoubtful: true)
                return false
            }
        }
    }
#endif
