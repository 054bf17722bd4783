#if NATS
    import ServiceLifecycle

    extension Consumer {
        /// The messages, as they come. Nothing is asked of the server before they are read.
        ///
        /// - Throws: ``JetStreamError``: `closed`, `draining`.
        public func messages(_ options: ConsumeOptions = ConsumeOptions()) throws(JetStreamError) -> ConsumedMessages {
            ConsumedMessages(try ConsumptionCore(self, options))
        }

        /// Handles the messages one after the other, until a graceful shutdown, which lets everything be handled that has come, or until
        /// the task is cancelled. To end it otherwise, see ``messages(_:)`` and ``ConsumedMessages/handle(_:)``.
        ///
        /// - Parameters:
        ///   - options: how many messages are read ahead, how they are acknowledged.
        ///   - handler: handles one message. When it returns, the message is acknowledged; when it throws, it is given back.
        /// - Throws: ``JetStreamError``: `consumerDeleted`, and as ``messages(_:)``.
        public func consume(
            _ options: ConsumeOptions = ConsumeOptions(), _ handler: (JetStreamMessage) async throws -> Void
        ) async throws {
            let messages = try messages(options)
            try await withGracefulShutdownHandler {
                try await messages.handle(handler)
            } onGracefulShutdown: {
                messages.drain()
            }
            messages.stop()
        }
    }
#endif
