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

    /// What a node answers to its requests.
    struct CentreDesk: Sendable {
        let centre: EventCentre
        let store: ReceiptStore
        let processor: CommandProcessor
        let handlers: HandlerLimit
        let reader: ViewReader
        let metrics: CentreMetrics

        private var log: any EventLog { centre.context.log }
        private var registry: EventRegistry { centre.context.events }

        // MARK: - Commands

        /// Takes a command to its receipt.
        func command(_ name: String, _ bytes: [UInt8]) async throws -> [UInt8] {
            let request = try Request(bytes, known: ["id", "data", "expected", "correlation"])
            guard let id = try request.id("id") else { throw Request.malformed("id is missing: a UUID") }
            guard !id.isOfTask else {
                throw Request.malformed("id is a UUID of version 8, which the centre has for itself: take another")
            }
            guard let expected = ExpectedVersion(try request.string("expected") ?? "any") else {
                throw Request.malformed("expected is any, no-stream, exists, or the version of the stream's last event")
            }
            let situation = CommandSituation(
                log: log, registry: registry, id: id, expected: expected,
                correlationID: try request.string("correlation", atMost: log.limits.correlationBytes))
            let work = try work(name, try request.object("data"))
            let handedIn = HandedIn(
                id: id, name: name, content: ContentDigest.of("command \(name)", bytes),
                decide: { try await handlers.decide(name) { try await work(situation) } })
            return Answer.receipt(try await processor.process(handedIn))
        }

        private func work(_ name: String, _ data: [UInt8]) throws -> CommandRegistry.Work {
            do {
                if let work = try centre.commands.work(name, data, registry.codec) { return work }
            } catch let error as DecodingError {
                throw Request.malformed("data is no \(name): \(error.centreText)")
            }
            throw EventCentreError(
                .unknownCommand,
                """
                there is no command "\(name.prefix(128))"; there are \(centre.commands.names.joined(separator: ", "))
                """)
        }

        // MARK: - Tasks

        /// Takes what was done for a task to its receipt: the same for whoever hands it in, with whatever result.
        func done(_ name: String, _ bytes: [UInt8]) async throws -> [UInt8] {
            let request = try Request(bytes, known: ["event", "position", "result", "failure"])
            guard let task = centre.tasks.first(where: { $0.name == name }) else {
                let known = centre.tasks.map(\.name).joined(separator: ", ")
                // A node that runs another build of the program may know it, as one did that has given the event away.
                throw EventCentreError(
                    .unknownTask, "there is no task \"\(name.prefix(128))\"; there are \(known)", isRetriable: true)
            }
            guard let event = try request.id("event"), let position = try request.integer("position") else {
                throw Request.malformed(
                    "event and position are missing: the id and the position of the event that the task was for")
            }
            let done = TaskDone(
                task: name, event: event.lowercased, result: try request.string("result", atMost: 64 << 10),
                failure: try request.string("failure", atMost: 4 << 10))
            let id = UUID.task(name, of: event)
            let found = try await log.events(at: [position], maximumBytes: EventBatch.defaultBytes).events.first
            guard let found, found.id == event, task.types.contains(found.type) else {
                throw EventCentreError(
                    .unknownEvent,
                    "there is no event \(event.lowercased) for the task \(name) at position \(position)")
            }
            let correlationID = found.correlationID
            let decide: @Sendable () async throws -> CommandVerdict = {
                let draft = try registry.encode(
                    done, id: UUID.version5(of: id, "0"), correlationID: correlationID, causationID: event.lowercased)
                var decision = CommandDecision(
                    StreamName(category: "task", id: "\(name).\(event.lowercased)"), .noStream, [draft])
                decision.taskEvent = event
                decision.failure = done.failure
                return .append(decision)
            }
            let receipt = try await processor.process(
                HandedIn(
                    id: id, name: name, content: ContentDigest.of("task \(name)", Array(event.lowercased.utf8)),
                    decide: decide))
            await tell(event, task)
            return Answer.receipt(receipt)
        }

        /// Tells the node that distributes the task. If that is lost, it looks when it would give the event again.
        private func tell(_ event: UUID, _ task: EventTask) async {
            do {
                try await centre.client.publish(
                    event.lowercased.utf8, to: NATSSubject(centre.subjects.told(task.name)))
            } catch {
                centre.context.logger.debug(
                    "done not told", metadata: ["task.name": "\(task.name)", "error.message": "\(error)"])
            }
        }

        // MARK: - States

        /// Says how far a command or a task is. What was decided for a command is taken to its end first.
        func state(_ bytes: [UInt8]) async throws -> [UInt8] {
            let request = try Request(bytes, known: ["command", "task", "event"])
            switch (try request.id("command"), try request.string("task"), try request.id("event")) {
            case (let command?, nil, nil): return try Answer.state(try await state(ofCommand: command))
            case (nil, let task?, let event?): return try Answer.state(try await state(of: task, event))
            default: throw Request.malformed("it has command, a UUID, or task and event, a name and a UUID")
            }
        }

        private func state(ofCommand id: UUID) async throws -> CommandState {
            guard let entry = try await store.find(id) else { return CommandState(.unknown) }
            guard let bytes = try await processor.settle(id, entry) else { return CommandState(.open) }
            let receipt = try receipt(bytes)
            let asked = (receipt.events ?? []).flatMap { event in
                centre.tasks.filter { $0.types.contains(event.type) }.map { (task: $0.name, event: event.id) }
            }
            // One query, however many events it has.
            let entries = try await store.find(asked.map { UUID.task($0.task, of: $0.event) })
            var states: [TaskState] = []
            for (task, event) in asked {
                states.append(try await state(of: task, event, entries[UUID.task(task, of: event)]))
            }
            return CommandState(.ended, receipt, tasks: states.isEmpty ? nil : states)
        }

        /// Says how far a task is. What was decided of it is taken to its end first.
        func state(of task: String, _ event: UUID) async throws -> TaskState {
            try await state(of: task, event, try await store.find(UUID.task(task, of: event)))
        }

        private func state(of task: String, _ event: UUID, _ entry: ReceiptEntry?) async throws -> TaskState {
            guard let entry, let bytes = try await processor.settle(UUID.task(task, of: event), entry) else {
                return TaskState(task, event, nil)
            }
            return TaskState(task, event, try receipt(bytes))
        }

        private func receipt(_ bytes: [UInt8]) throws -> CommandReceipt {
            try JSONEventDecoder().decode(CommandReceipt.self, from: bytes)
        }

        // MARK: - Queries

        /// Answers a query from the read model.
        func query(_ view: String, _ bytes: [UInt8]) async throws -> [UInt8] {
            // Before the first connection nobody could have asked.
            let room = (centre.client.serverInfo?.maximumPayload ?? 1 << 20) - 1_024
            return try await reader.answer(view, bytes, maximumBytes: max(room, 1_024))
        }
    }
#endif
