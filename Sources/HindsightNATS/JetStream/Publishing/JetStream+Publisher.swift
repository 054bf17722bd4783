#if NATS
    extension JetStream {
        /// Publishes many messages at a time for the time of a closure, and returns when each is accounted for.
        ///
        /// ```swift
        /// try await jetStream.withPublisher(window: 500) { publisher in
        ///     for line in lines { try await publisher.publish(line.utf8, to: "lines") }
        /// }
        /// ```
        ///
        /// Messages are written in the order in which they are published. One that nobody answers for is sent again for
        /// ``patience``, behind those that were written meanwhile; where the order matters, as with a chain of
        /// ``PublishOptions/expectedLastSequence``, set that to `.zero`.
        ///
        /// - Parameters:
        ///   - window: how many messages may be on their way, 1 or more.
        ///   - body: publishes.
        /// - Returns: what `body` returns.
        /// - Throws: what `body` throws; ``JetStreamError``, the first error of a message that nobody received.
        public func withPublisher<Value>(window: Int = 256, _ body: (JetStreamPublisher) async throws -> Value)
            async throws -> Value
        {
            let publisher = JetStreamPublisher(self, window: window)
            let value: Value
            do {
                value = try await body(publisher)
            } catch {
                await publisher.finish()
                throw error
            }
            await publisher.finish()
            try await publisher.settled()
            return value
        }
    }
#endif
