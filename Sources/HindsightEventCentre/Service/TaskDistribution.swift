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
        private let desk: CentreDesk
        private let board: DoneBoard
        private let subject: NATSSubject

        init(_ task: EventTask, desk: CentreDesk, board: DoneBoard) {
            self.task = task
            self.desk = desk
            self.board = board
            subject = NATSSubject(desk.centre.subjects.task(task.name))
        }

        private var centre: EventCentre { desk.centre }
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
            var backoff = Backoff(initial: .seconds(1), maximum: .seconds(30))
            while true {
                let subscription = Subscription(
                    log: context.log, pool: context.pool, schema: context.configuration.schema, options: options,
                    logger: logger)
                do {
                    return try await give(all: subscription)
                } catch let error as SubscriptionError where error.code == .takenOver {
                    // This process stood still for longer than the lease. What it waits for now is its turn.
                    logger.notice("task taken over by another node", metadata: ["task.name": "\(task.name)"])
                    backoff.reset()
                } catch {
                    try Task.checkCancellation()
                    // Commands and queries are answered all the same, and other nodes may have the rights that this one lacks.
                    logger.error(
                        "task not distributed", metadata: ["task.name": "\(task.name)", "error.message": "\(error)"])
                    try await Task.sleep(for: backoff.next())
                }
            }
        }

        private func give(all subscription: Subscription) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await subscription.run { event in try await give(event) } }
                // It closes as soon as the lease is lost; what is out then is given by the node that has it.
                group.addTask { try await subscription.closed }
                defer { group.cancelAll() }
                try await group.next()
            }
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
                case .told: desk.metrics.given(task.name, isFirst: delivery == 1)
                case .timeUp:
                    desk.metrics.given(task.name, isFirst: delivery == 1)
                    delivery += 1
                    logger.info(
                        "task event given again",
                        metadata: ["task.name": "\(task.name)", "event.position": "\(event.position)"])
                case .nobody(let error):
                    logger.debug(
                        "task has no subscriber",
                        metadata: ["task.name": "\(task.name)", "error.message": "\(error)"])
                    try await Task.sleep(for: task.absenceInterval)
                case .refused(let error):
                    logger.error(
                        "task event cannot be given",
                        metadata: [
                            "task.name": "\(task.name)", "event.position": "\(event.position)",
                            "error.message": "\(error)",
                        ])
                    try await Task.sleep(for: task.redeliveryInterval)
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
            /// It cannot be sent as it is: it is too large, say.
            case refused(NATSError)
        }

        private func offer(_ event: RecordedEvent, _ delivery: Int, _ told: AsyncStream<Void>) async throws -> Outcome {
            let message = TaskDelivery.message(event, task: task.name, delivery: delivery)
            return try await withThrowingTaskGroup(of: Outcome.self) { group in
                group.addTask {
                    do throws(NATSError) {
                        // An answer says no more than that somebody has it.
                        _ = try await centre.client.request(message, to: subject, within: task.redeliveryInterval)
                    } catch {
                        switch error.code {
                        // Nobody need answer.
                        case .timedOut, .cancelled: break
                        case .payloadTooLarge, .invalidSubject, .permissions, .serverError: return .refused(error)
                        default: return .nobody(error)
                        }
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
                    // What was handed in at a node that has died is taken to its end; nobody has to do it again.
                    return try await desk.state(of: task.name, event.id).state != .open
                } catch let error where error.isInterruption {
                    // An error here would end the distribution.
                    logger.debug(
                        "receipt not read", metadata: ["task.name": "\(task.name)", "error.message": "\(error)"])
                    try await Task.sleep(for: backoff.next())
                } catch {
                    try Task.checkCancellation()
                    // Whoever hands it in is told what is wrong with it; the other events go on.
                    logger.error(
                        "receipt not read", metadata: ["task.name": "\(task.name)", "error.message": "\(error)"])
                    return false
                }
            }
        }
    }
#endif
