#if NATS
    public import HindsightNATS
    public import HindsightProjections
    import HindsightLog
    import Logging
    public import ServiceLifecycle

    /// A node of the event centre: it takes commands and queries over request-reply, answers each command with a receipt, and gives
    /// events to those who have tasks to do.
    ///
    /// Any number of nodes form a queue group; one of them gets each request. What a node has receipted is stored; a command that a
    /// node took and did not end is taken up where it stands when it is handed in again, or asked for. The article
    /// *The event centre* of `Hindsight` has the subjects, the messages and the guarantees.
    ///
    /// ```swift
    /// let centre = EventCentre(client, context: context, commands: commands)
    /// let group = ServiceGroup(
    ///     services: [client, log, centre], gracefulShutdownSignals: [.sigterm], logger: logger)
    /// try await group.run()
    /// ```
    ///
    /// ## Ending
    /// A graceful shutdown drains the node: it takes no more requests, answers those that it has, and returns when the server has the
    /// answers. Cancelling gives up what is in flight; nothing of that was receipted.
    public final class EventCentre: Service, Sendable {
        let client: NATSClient
        let context: ProjectionContext
        let commands: CommandRegistry
        let tasks: [EventTask]
        let configuration: EventCentreConfiguration
        let subjects: CentreSubjects

        /// A node that does nothing before ``run()``.
        ///
        /// - Parameters:
        ///   - client: the connection to NATS, which runs beside it.
        ///   - context: the log, the database of the views and receipts, and the projections, whose schema is migrated.
        ///   - commands: the commands that it takes.
        ///   - tasks: what is to be done for which events. Two of one name are a programming error and trap. Defaults to none.
        ///   - configuration: where it listens, and how much it takes on at once.
        public init(
            _ client: NATSClient, context: ProjectionContext, commands: CommandRegistry, tasks: [EventTask] = [],
            configuration: EventCentreConfiguration = EventCentreConfiguration()
        ) {
            precondition(Set(tasks.map(\.name)).count == tasks.count, "two tasks have the same name")
            self.client = client
            self.context = context
            self.commands = commands
            self.tasks = tasks
            self.configuration = configuration
            subjects = CentreSubjects(prefix: configuration.prefix)
        }

        /// Answers requests until the service group shuts down, the client closes, or the task is cancelled.
        ///
        /// - Throws: `NATSError` if it may not listen, or the client has closed for a reason; errors of the log and the database if
        ///   they cannot be used at all; `CancellationError`.
        public func run() async throws {
            let log = context.log
            let store = ReceiptStore(
                pool: context.pool, schema: context.configuration.schema, log: try await log.identity())
            let metrics = CentreMetrics(configuration.prefix)
            let processor = CommandProcessor(
                log: log, store: store, patience: configuration.patience,
                maximumDecisions: max(configuration.maximumDecisions, 1), metrics: metrics, logger: context.logger)
            let handlers = HandlerLimit(
                configuration.handlerTime, mostGivenUp: max(configuration.commandsInFlight, 1), metrics: metrics,
                logger: context.logger)
            let desk = CentreDesk(
                centre: self, store: store, processor: processor, handlers: handlers, reader: ViewReader(context),
                metrics: metrics)
            let counters = try listen(desk)
            let board = DoneBoard()
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for counter in counters {
                    group.addTask {
                        try await counter.run()
                        return true
                    }
                }
                group.addTask { try await Self.untilShutdown { try await desk.reader.run() } }
                let abandoned = AbandonedCommands(
                    store: store, processor: processor, age: max(configuration.abandonedAfter, .milliseconds(1)),
                    metrics: metrics, logger: context.logger)
                group.addTask { try await Self.untilShutdown { try await abandoned.run() } }
                if let age = configuration.receiptRetention {
                    let old = OldReceipts(store: store, age: age, logger: context.logger)
                    group.addTask { try await Self.untilShutdown { try await old.run() } }
                }
                for task in tasks {
                    let distribution = TaskDistribution(task, desk: desk, board: board)
                    group.addTask { try await Self.untilShutdown { try await distribution.run() } }
                }
                context.logger.info(
                    "event centre listens",
                    metadata: [
                        "centre.prefix": "\(configuration.prefix)", "command.count": "\(commands.names.count)",
                        "task.count": "\(tasks.count)",
                    ])
                try await withGracefulShutdownHandler {
                    var open = counters.count
                    while open > 0, let isCounter = try await group.next() { if isCounter { open -= 1 } }
                } onGracefulShutdown: {
                    for counter in counters { counter.drain() }
                }
                group.cancelAll()
                try await group.waitForAll()
            }
            // What was answered is with the server; a connection that is lost takes the answers with it, and they are asked for.
            // Before its first connection there are none.
            if client.serverInfo != nil { try? await client.flush() }
            try Task.checkCancellation()
        }

        /// Runs what has nothing to finish until the node is to end.
        private static func untilShutdown(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
            do {
                try await cancelWhenGracefulShutdown(body)
            } catch is CancellationError {
                // Its end; what it was at goes on at another node.
            }
            return false
        }

        private func listen(_ desk: CentreDesk) throws -> [RequestCounter] {
            let (commands, queries) = (configuration.commandsInFlight, configuration.queriesInFlight)
            return [
                try counter(.command, subjects.command("*"), commands, desk.metrics) {
                    try await desk.command($0, $1)
                },
                try counter(.done, subjects.done("*"), commands, desk.metrics) { try await desk.done($0, $1) },
                try counter(.state, subjects.state, queries, desk.metrics) { try await desk.state($1) },
                try counter(.query, subjects.query("*"), queries, desk.metrics) { try await desk.query($0, $1) },
            ]
        }

        private func counter(
            _ kind: CentreMetrics.Kind, _ subject: String, _ limit: Int, _ metrics: CentreMetrics,
            _ answer: @escaping RequestCounter.Answering
        ) throws -> RequestCounter {
            var options = NATSSubscriptionOptions()
            options.pendingBytes = configuration.waitingBytes
            // Empty ones need memory, too.
            options.pendingMessages = max(configuration.waitingBytes / EventCentreConfiguration.leastRequestBytes, 1)
            let subscription = try client.subscribe(
                to: NATSSubject(subject), queue: configuration.queue, options: options)
            return RequestCounter(
                kind: kind, subscription: subscription, limit: max(limit, 1), requestBytes: configuration.requestBytes,
                metrics: metrics, logger: context.logger, answer: answer)
        }
    }
#endif
