#if NATS
    import HindsightJSON
    import HindsightLog
    import HindsightNATS
    import HindsightProjections
    import HindsightValues
    import Logging

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// Gives the events of a task to whoever has subscribed to it. Of all nodes one does that, by the lease of a durable name; its
    /// offset stands in front of the first event that is not done.
    struct TaskDistribution: Sendable {
        private let task: EventTask
        private let centre: EventCentre
        private let store: ReceiptStore
        private let board: DoneBoard
        private let subject: NATSSubject

        init(_ task: EventTask, centre: EventCentre, store: ReceiptStore, board: DoneBoard) {
            self.task = task
            self.centre = centre
            self.store = store
            self.board = board
            subject = NATSSubject(centre.subjects.task(task.name))
        }

        private var logger: Logger { centre.context.logger }

        /// Distributes until the task is cancelled.
        func run() async throws {
            let told = try centre.client.subscribe(to: NATSSubject(centre.subjects.told(task.name)))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await message in told {
                        if let event = UUID(uuidString: message.text) { board.tell(task.name, event) }
                    }
                }
                group.addTask { try await distribute() }
                // The hints end with the client; then nothing can be given to anybody either.
                try await group.next()
                group.cancelAll()
            }
        }

        private func distribute() async throws {
            let context = centre.context
            var options = SubscriptionOptions(
                name: "\(centre.configuration.prefix).\(task.name)", start: task.start,
                filter: .types(task.types.sorted()))
            options.keysInFlight = max(task.eventsInFlight, 1)
            let subscription = Subscription(
                log: context.log, pool: context.pool, schema: context.configuration.schema, options: options,
                logger: logger)
            try await subscription.run { event in try await give(event) }
        }

        /// Gives an event away until it is done.
        private func give(_ event: RecordedEvent) async throws {
            var delivery = 1
            while true {
                // The board is watched before the look, so that what is handed in right after it is heard of.
                let outcome = try await board.watching(task.name, event.id) { told -> Outcome? in
                    try await isDone(event) ? nil : try await offer(event, delivery, told)
                }
                switch outcome {
                case nil: return
                case .told: break
                case .timeUp:
                    delivery += 1
                    logger.info(
                        "task event given again",
                        metadata: ["task.name": "\(task.name)", "event.position": "\(event.position)"])
                case .nobody(let error):
                    logger.debug(
                        "task has no subscriber",
                        metadata: ["task.name": "\(task.name)", "error.message": "\(error)"])
                    try await Task.sleep(for: task.absenceInterval)
                }
            }
        }

        private enum Outcome: Sendable {
            /// Somebody says that it is done.
            case told
            /// It is not done after a while.
            case timeUp
            /// Nobody has subscribed, or there is no connection.
            case nobody(NATSError)
        }

        private func offer(_ event: RecordedEvent, _ delivery: Int, _ told: AsyncStream<Void>) async throws -> Outcome {
            let message = TaskDelivery.message(event, task: task.name, delivery: delivery)
            return try await withThrowingTaskGroup(of: Outcome.self) { group in
                group.addTask {
                    do throws(NATSError) {
                        // An answer says no more than that somebody has it.
                        _ = try await centre.client.request(message, to: subject, within: task.redeliveryInterval)
                    } catch {
                        // Nobody need answer.
                        guard error.code == .timedOut || error.code == .cancelled else { return .nobody(error) }
                    }
                    try await Task.sleep(for: task.redeliveryInterval)
                    return .timeUp
                }
                group.addTask {
                    try await Task.sleep(for: task.redeliveryInterval)
                    return .timeUp
                }
                group.addTask {
                    for await _ in told { return .told }
                    throw CancellationError()
                }
                defer { group.cancelAll() }
                return try await group.next() ?? .timeUp
            }
        }

        private func isDone(_ event: RecordedEvent) async throws -> Bool {
            var backoff = Backoff()
            while true {
                do {
                    guard let entry = try await store.find(UUID.version5(of: event.id, task.name)) else { return false }
                    guard case .answer = entry.step else { return false }
                    return true
                } catch let error where error.isInterruption {
                    // An error here would end the distribution.
                    logger.debug(
                        "receipt not read", metadata: ["task.name": "\(task.name)", "error.message": "\(error)"])
                    try await Task.sleep(for: backoff.next())
                }
            }
        }
    }
#endif
