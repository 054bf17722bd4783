#if NATS
    import Foundation
    import Hindsight
    import HindsightJetStream
    import HindsightNATS
    import HindsightPostgres
    import HindsightTestSupport
    import Logging
    import NIOCore
    import ServiceLifecycle
    import Synchronization

    /// Reads in the way of its task until its last message or a graceful shutdown, and writes each message into the table `handled`,
    /// whose rows are numbered as they come.
    struct Reader: Service {
        let task: ReaderTask
        let log: JetStreamEventLog
        let pool: PostgresPool
        let logger: Logger
        private let interrupter: Interrupter

        init(task: ReaderTask, log: JetStreamEventLog, pool: PostgresPool, logger: Logger) {
            self.task = task
            self.log = log
            self.pool = pool
            self.logger = logger
            interrupter = Interrupter(task.interruption)
        }

        func run() async throws {
            // A client that is asked to drain before it has a connection closes with an error.
            try await log.client.flush()
            try FileHandle.standardOutput.write(contentsOf: Data("\(ReaderTask.readyLine)\n".utf8))
            switch task.way {
            case .subscription: try await subscribe()
            case .iteration: try await iterate()
            case .handler: try await handle()
            case .fetch: try await fetch()
            }
        }

        private func isLast(_ position: Int64) -> Bool { task.last.map { position >= $0 } ?? false }

        // MARK: - With a place of its own

        private func subscribe() async throws {
            var options = SubscriptionOptions(name: task.name)
            // On a busy machine a process may not run for so long as the shortest lease; one that is killed leaves its name with its
            // connection.
            options.leaseDuration = .seconds(2)
            let subscription = Subscription(log: log, pool: pool, options: options, logger: logger)
            try await withGracefulShutdownHandler {
                try await subscription.runInTransaction { session, event in
                    interrupter.reached(.beforeHandling)
                    try Self.write(event.position, String(decoding: event.data, as: UTF8.self), &session)
                    interrupter.reached(.beforeCommit)
                    if isLast(event.position) { subscription.stop() }
                }
            } onGracefulShutdown: {
                if task.stops { subscription.stop() } else { subscription.drain() }
            }
        }

        private static func write(_ position: Int64, _ number: String, _ session: inout PostgresSession) throws {
            try session.execute("insert into handled (position, number) values (\(position), \(number)::bigint)")
        }

        // MARK: - With a durable consumer

        private var consumer: Consumer { Consumer(JetStream(log.client), stream: task.stream, name: task.name) }

        private func iterate() async throws {
            let messages = try consumer.messages()
            try await ending(messages) {
                for try await message in messages {
                    try await handle(message)
                    try await acknowledge(message)
                    if isLast(message) { messages.drain() }
                }
            }
        }

        private func handle() async throws {
            var options = ConsumeOptions()
            options.acknowledging = .confirmed(within: .seconds(20))
            let messages = try consumer.messages(options)
            try await ending(messages) {
                try await messages.handle { message in
                    try await handle(message)
                    if isLast(message) { messages.drain() }
                }
            }
        }

        private func fetch() async throws {
            let isEnding = Atomic<Bool>(false)
            try await withGracefulShutdownHandler {
                while !isEnding.load(ordering: .relaxed) {
                    for message in try await consumer.fetch(.messages(1), within: .milliseconds(200)).all() {
                        try await handle(message)
                        try await acknowledge(message)
                        if isLast(message) { isEnding.store(true, ordering: .relaxed) }
                    }
                }
            } onGracefulShutdown: {
                isEnding.store(true, ordering: .relaxed)
            }
        }

        private func ending(_ messages: ConsumedMessages, _ body: () async throws -> Void) async throws {
            try await withGracefulShutdownHandler(operation: body) {
                if task.stops { messages.stop() } else { messages.drain() }
            }
            try await messages.closed
        }

        private func isLast(_ message: JetStreamMessage) -> Bool { isLast(Int64(message.delivery.streamSequence)) }

        private func acknowledge(_ message: JetStreamMessage) async throws {
            try await message.ack(confirmedWithin: .seconds(20))
            interrupter.reached(.afterAcknowledging)
        }

        /// The place commits with what is written, and is compared before: a message whose ack was lost comes again.
        private func handle(_ message: JetStreamMessage) async throws {
            interrupter.reached(.beforeHandling)
            let position = Int64(message.delivery.streamSequence)
            let number = String(buffer: message.payload)
            try await pool.withTransaction(.readCommitted) { session in
                let place = try session.query("select position from place for update")[0].decode(0, as: Int64.self)
                if position > place {
                    try Self.write(position, number, &session)
                    try session.execute("update place set position = \(position)")
                }
                interrupter.reached(.beforeCommit)
            }
            interrupter.reached(.afterCommit)
        }
    }
#endif
