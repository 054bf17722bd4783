#if NATS
    import HindsightJSON
    public import HindsightLog
    public import HindsightNATS
    import HindsightTracing
    public import HindsightValues
    import ServiceLifecycle

    #if canImport(FoundationEssentials)
        public import FoundationEssentials
    #else
        public import Foundation
    #endif

    /// Hands commands in to an event centre, asks it, and does tasks for it. It needs no database.
    ///
    /// ```swift
    /// let centre = EventCentreClient(client, prefix: "shop")
    /// let receipt = try await centre.submit(PlaceOrder(order: "7", sku: "20001"))
    /// ```
    public struct EventCentreClient: Sendable {
        let client: NATSClient
        let subjects: CentreSubjects
        /// How long one answer is waited for, longer than a node lets a handler decide (`EventCentreConfiguration.handlerTime`). Defaults to
        /// 5 seconds.
        public var answerTime = Duration.seconds(5)
        /// How long a command is repeated while no receipt comes, and a question while no answer does. Defaults to 30 seconds.
        public var patience = Duration.seconds(30)

        /// A client of a centre.
        ///
        /// - Parameters:
        ///   - client: the connection to NATS.
        ///   - prefix: what the centre's subjects begin with. Defaults to `centre`.
        public init(_ client: NATSClient, prefix: String = "centre") {
            self.client = client
            subjects = CentreSubjects(prefix: prefix)
        }

        // MARK: - Commands

        /// Hands a command in until there is a receipt. When one is missing, it asks for the state of the command, and hands it in
        /// again if it has not ended: the centre takes it once.
        ///
        /// - Parameters:
        ///   - command: the command.
        ///   - id: its id. To go on with a command after a restart, keep the id, and hand in the same command with it. Defaults to a new
        ///     UUID of version 7.
        ///   - expected: what the stream must look like; otherwise the receipt is a conflict. Defaults to any state.
        ///   - correlationID: what the command's events belong to: a request, a workflow, a trace. Defaults to none.
        /// - Returns: the receipt, also of a command that was refused or in conflict.
        /// - Throws: ``EventCentreError``, with `unavailable` if no receipt came in time: what became of the command is not known then.
        ///   `NATSError` if the client is closed or the centre may not be asked.
        public func submit<C: Command>(
            _ command: C, id: UUID = .version7(), expected: ExpectedVersion = .any, correlationID: String? = nil
        ) async throws -> CommandReceipt {
            let message = CommandMessage(id: id, expected: expected, correlationID: correlationID)
            return try await submit(try message.bytes(try JSONEventCodec().encode(command)), C.commandName, id)
        }

        /// Hands in a command whose content is JSON text already.
        ///
        /// - Parameters:
        ///   - name: the command's name.
        ///   - data: its content, a JSON object.
        ///   - id: its id.
        ///   - expected: what the stream must look like. Defaults to any state.
        ///   - correlationID: what the command's events belong to. Defaults to none.
        /// - Returns: as for a typed command.
        /// - Throws: as for a typed command.
        public func submit(
            _ name: String, data: [UInt8], id: UUID, expected: ExpectedVersion = .any, correlationID: String? = nil
        ) async throws -> CommandReceipt {
            let message = CommandMessage(id: id, expected: expected, correlationID: correlationID)
            return try await submit(try message.bytes(data), name, id)
        }

        private func submit(_ bytes: [UInt8], _ name: String, _ id: UUID) async throws -> CommandReceipt {
            try await untilAnswered(subjects.command(name)) { remaining, trace in
                do {
                    return try await ask(bytes, subjects.command(name), remaining, trace, as: ReceiptAnswer.self)
                        .receipt
                } catch let error as NATSError where error.leavesAnswerOpen {
                    // The receipt is missing: perhaps only that was lost.
                    let state = try await ask(
                        stateRequest(command: id), subjects.state, remaining, trace, as: StateAnswer<CommandState>.self
                    ).state
                    guard let receipt = state.receipt else { throw error }
                    return receipt
                }
            }
        }

        /// How far a command is, and the tasks that its events have brought about.
        ///
        /// - Throws: ``EventCentreError``, with `unavailable` if no answer came in time; `NATSError`.
        public func state(ofCommand id: UUID) async throws -> CommandState {
            try await untilAnswered(subjects.state) { remaining, trace in
                try await ask(
                    stateRequest(command: id), subjects.state, remaining, trace, as: StateAnswer<CommandState>.self
                ).state
            }
        }

        private func stateRequest(command id: UUID) -> [UInt8] {
            Array("{\"v\":\(Request.version),\"command\":\"\(id.lowercased)\"}".utf8)
        }

        // MARK: - Queries

        /// Rows of a view.
        ///
        /// - Parameters:
        ///   - view: the projection's name.
        ///   - query: which rows, and how fresh. Defaults to the first 100 in the order of the key.
        ///   - type: what a row is decoded as: its columns are its members.
        /// - Returns: the rows, and what they reflect.
        /// - Throws: ``EventCentreError``; `NATSError`; `DecodingError` if rows are not of the type.
        public func rows<Row: Decodable & Sendable>(
            _ view: String, _ query: CentreQuery = CentreQuery(), as type: Row.Type = Row.self
        ) async throws -> CentreRows<Row> {
            let bytes = try query.bytes
            return try await untilAnswered(subjects.query(view)) { remaining, trace in
                try await ask(bytes, subjects.query(view), remaining + query.timeout, trace, as: CentreRows<Row>.self)
            }
        }

        // MARK: - Tasks

        /// Does what a task asks for, one event after the other, until the service group shuts down, the client closes, or the task is
        /// cancelled. What is done is handed in until there is a receipt. A graceful shutdown does first what it was given.
        ///
        /// An event that is not handed in is given again, perhaps to another subscriber: the handler may see an event more than once,
        /// and the first result counts.
        ///
        /// - Parameters:
        ///   - task: the task's name.
        ///   - sharing: with whom the events are shared. Defaults to all who do the task.
        ///   - handler: does the task for an event, and says what came of it. A ``TaskFailure`` says that it cannot be done. What
        ///     else it throws ends the work, so that the event is given again.
        /// - Throws: what the handler throws; as ``submit(_:id:expected:correlationID:)``.
        public func work(
            on task: String, sharing: TaskSharing = .task, _ handler: (TaskDelivery) async throws -> String?
        ) async throws {
            let spans = HandlingSpans(subscription: "\(subjects.prefix).\(task)")
            let subscription = try client.subscribe(
                to: NATSSubject(subjects.task(task)), queue: sharing.queue(of: task))
            defer { subscription.unsubscribe() }
            try await withGracefulShutdownHandler {
                for await message in subscription { try await take(message, spans, handler) }
            } onGracefulShutdown: {
                subscription.drain()
            }
            try Task.checkCancellation()
            try await subscription.closed
        }

        private func take(
            _ message: NATSMessage, _ spans: HandlingSpans, _ handler: (TaskDelivery) async throws -> String?
        ) async throws {
            let delivery: TaskDelivery
            do {
                delivery = try TaskDelivery(message.withPayload { Array($0) })
            } catch let error as EventCentreError where error.code == .malformed {
                // No centre has sent it.
                return
            }
            // While somebody was at it, it may have been given again and again.
            if delivery.delivery > 1, await isKnownAsDone(delivery) { return }
            try await spans.around(delivery.event) { _ in
                do {
                    try await done(delivery, result: try await handler(delivery), failure: nil)
                } catch let failure as TaskFailure {
                    try await done(delivery, result: nil, failure: failure.reason)
                }
            }
        }

        /// Whether somebody is done with it, as far as can be seen: it is no fault to do it once more.
        private func isKnownAsDone(_ delivery: TaskDelivery) async -> Bool {
            do {
                let request = stateRequest(task: delivery.task, event: delivery.event.id)
                return try await ask(request, subjects.state, answerTime, [:], as: StateAnswer<TaskState>.self)
                    .state.state != .open
            } catch {
                return false
            }
        }

        /// Hands in that a task is done for an event, or cannot be done, until there is a receipt. Whoever hands it in first is
        /// heeded; the others get the same receipt.
        ///
        /// - Parameters:
        ///   - delivery: what was to be done.
        ///   - result: what came of it.
        ///   - failure: why it cannot be done; nil if it is done.
        @discardableResult
        public func done(
            _ delivery: TaskDelivery, result: String? = nil, failure: String? = nil
        ) async throws -> CommandReceipt {
            var bytes = Array("{\"v\":\(Request.version),\"event\":\"\(delivery.event.id.lowercased)\"".utf8)
            bytes += ",\"position\":\(delivery.event.position)".utf8
            for (name, text) in [("result", result), ("failure", failure)] {
                guard let text else { continue }
                bytes += ",\"\(name)\":".utf8
                JSONWriter.append(text, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
            let message = bytes
            return try await untilAnswered(subjects.done(delivery.task)) { remaining, trace in
                try await ask(message, subjects.done(delivery.task), remaining, trace, as: ReceiptAnswer.self).receipt
            }
        }

        /// How far a task is with an event.
        ///
        /// - Throws: ``EventCentreError``, with `unavailable` if no answer came in time; `NATSError`.
        public func state(ofTask task: String, event: UUID) async throws -> TaskState {
            let message = stateRequest(task: task, event: event)
            return try await untilAnswered(subjects.state) { remaining, trace in
                try await ask(message, subjects.state, remaining, trace, as: StateAnswer<TaskState>.self).state
            }
        }

        private func stateRequest(task: String, event: UUID) -> [UInt8] {
            var bytes = Array("{\"v\":\(Request.version),\"task\":".utf8)
            JSONWriter.append(task, to: &bytes)
            bytes += ",\"event\":\"\(event.lowercased)\"}".utf8
            return bytes
        }

        // MARK: -

        /// Repeats a request while no answer comes, or one that may pass.
        private func untilAnswered<Value>(
            _ subject: String, _ body: (Duration, [String: String]) async throws -> Value
        ) async throws -> Value {
            try await RequestSpan.asking(subject) { trace in
                try await untilAnswered { try await body($0, trace) }
            }
        }

        private func untilAnswered<Value>(_ body: (Duration) async throws -> Value) async throws -> Value {
            let deadline = ContinuousClock.now + patience
            var backoff = Backoff()
            // Each attempt may reach another node, and one of those that know the task is enough.
            var otherNode = Backoff(maximum: .milliseconds(500))
            while true {
                do {
                    return try await body(min(answerTime, deadline - .now))
                } catch let error where (error as? NATSError)?.leavesAnswerOpen ?? error.isPassing {
                    let wait = (error as? EventCentreError)?.code == .unknownTask ? otherNode.next() : backoff.next()
                    guard ContinuousClock.now + wait < deadline else { throw unanswered(error) }
                    try await Task.sleep(for: wait)
                }
            }
        }

        private func unanswered(_ error: any Error) -> any Error {
            guard let error = error as? NATSError else { return error }
            return EventCentreError(
                .unavailable,
                "no answer of the event centre \"\(subjects.prefix)\" within \(patience): \(error.message)")
        }

        private func ask<Value: Decodable & Sendable>(
            _ bytes: [UInt8], _ subject: String, _ time: Duration, _ trace: [String: String], as type: Value.Type
        ) async throws -> Value {
            var headers = NATSHeaders()
            for (name, value) in trace { headers[name] = value }
            let answer = try await client.request(
                bytes, to: NATSSubject(subject), headers: headers, within: max(time, .milliseconds(1)))
            return try answer.withPayload { bytes in
                let decoder = JSONEventDecoder()
                let head: AnswerHead
                do {
                    head = try decoder.decode(AnswerHead.self, from: bytes)
                } catch {
                    throw EventCentreError(.unexpectedAnswer, "the answer on \(subject) is none of an event centre")
                }
                if let error = head.error { throw error.value }
                guard head.v == Request.version else {
                    throw EventCentreError(
                        .unexpectedAnswer,
                        "the answer on \(subject) is of version \(head.v); this program knows \(Request.version)")
                }
                return try decoder.decode(type, from: bytes)
            }
        }
    }

    extension NATSError {
        /// True if the request may have been answered, or may be the next time.
        var leavesAnswerOpen: Bool {
            [.noResponders, .timedOut, .disconnected, .staleConnection].contains(code)
        }
    }
#endif
