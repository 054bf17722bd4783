public import HindsightPostgres
import Logging
import Synchronization

extension PostgresEventLog {
    /// Who waits for which ticket, around the value that decides.
    struct QueueState: ~Copyable {
        var machine: AppendQueue<UInt64>
        var nextTicket: UInt64 = 0
        var callers: [UInt64: CheckedContinuation<AppendResult, any Error>] = [:]
        /// Answers that came before their caller had begun to wait.
        var early: [UInt64: Result<AppendResult, any Error>] = [:]
    }

    /// Appends events to one stream, together with other callers' events where there are some.
    @discardableResult
    public func append(
        _ events: [NewEvent], to stream: StreamName, expected: ExpectedVersion = .any
    ) async throws -> AppendResult {
        let append = StreamAppend(stream, events, expected: expected)
        try configuration.limits.check([append])
        guard events.count <= configuration.groupEvents else {
            return try await appendAtomically(AppendCall([append], atomic: true))[0]
        }
        let (ticket, submission) = queue.withLock { queue in
            queue.nextTicket += 1
            return (queue.nextTicket, queue.machine.submit(append, as: queue.nextTicket))
        }
        switch submission {
        case .runAlone:
            let start = ContinuousClock.now
            defer { finish([stream], events: events.count, since: start) }
            return try await appendAtomically(AppendCall([append], atomic: true))[0]
        case .wait:
            return try await waitForGroup(ticket)
        }
    }

    /// Appends events to several streams in one transaction.
    @discardableResult
    public func append(_ appends: [StreamAppend]) async throws -> [AppendResult] {
        try configuration.limits.check(appends)
        return try await appendAtomically(AppendCall(appends, atomic: true))
    }

    /// Appends events of several streams in the order given, in one transaction.
    @discardableResult
    public func append(inOrder events: [StreamEvent]) async throws -> Int64 {
        try await appendInOrder(events).map(\.position).max() ?? 0
    }

    /// Appends as ``append(inOrder:)`` does.
    ///
    /// - Returns: a result for each stream. All of them are duplicates, or none.
    package func appendInOrder(_ events: [StreamEvent]) async throws -> [AppendResult] {
        let appends = Dictionary(grouping: events, by: \.stream).map { StreamAppend($0, $1.map(\.event)) }
        try configuration.limits.check(appends)
        return try await appendAtomically(AppendCall(inOrder: events))
    }

    /// Appends within a transaction of your own, beside your own writes: all become visible with its commit, or none.
    ///
    /// The events hold the log's frontier back until the transaction ends, so keep it short; no other appender waits for it.
    /// When this throws an ``EventLogError`` the transaction is still usable. Call ``announce()`` after the commit.
    ///
    /// - Throws: ``EventLogError`` with `conflict`, `knownEvents` or `invalidAppend`; a `PostgresError` that is retriable when
    ///   two transactions append to the same streams in different orders.
    @discardableResult
    public func append(_ appends: [StreamAppend], in session: inout PostgresSession) throws -> [AppendResult] {
        try configuration.limits.check(appends)
        let call = AppendCall(appends, atomic: true)
        return try Self.results(try call.outcomes(try session.query(call.statement(names))))
    }

    /// Appends events to one stream within a transaction of your own.
    @discardableResult
    public func append(
        _ events: [NewEvent], to stream: StreamName, expected: ExpectedVersion = .any, in session: inout PostgresSession
    ) throws -> AppendResult {
        try append([StreamAppend(stream, events, expected: expected)], in: &session)[0]
    }

    /// Runs a transaction on the log's database in which events can be appended beside other writes, and announces them.
    public func withTransaction<Value: Sendable>(
        _ body: @Sendable (inout PostgresSession) throws -> Value
    ) async throws -> Value {
        let value = try await pool.withTransaction(.readCommitted, body)
        await announce()
        return value
    }

    /// One call, one transaction; tried again when another append got in between.
    private func appendAtomically(_ call: AppendCall) async throws -> [AppendResult] {
        let statement = call.statement(names)
        var attempt = 1
        while true {
            do {
                let outcomes = try await pool.withSession { session in
                    try call.outcomes(try session.query(statement))
                }
                let results = try Self.results(outcomes)
                await announce()
                return results
            } catch let error as PostgresError where Self.isContention(error) {
                guard attempt < 5 else {
                    throw EventLogError(
                        .contention, "other appends to the same streams got in between \(attempt) times: try again")
                }
                attempt += 1
            }
        }
    }

    /// A unique index objected, a deadlock or a serialization failure: rolled back, and worth another try.
    private static func isContention(_ error: PostgresError) -> Bool {
        switch error.sqlState {
        case "23505", "40001", "40P01": true
        default: false
        }
    }

    private static func results(_ outcomes: [AppendOutcome]) throws -> [AppendResult] {
        for case .refused(let error) in outcomes { throw error }
        return try outcomes.map { outcome in
            guard case .done(let result) = outcome else {
                throw EventLogError(.unusableLog, "an atomic append left a stream out without saying why")
            }
            return result
        }
    }
}

// MARK: - Groups

extension PostgresEventLog {
    private func waitForGroup(_ ticket: UInt64) async throws -> AppendResult {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let early = queue.withLock { queue in
                    let early = queue.early.removeValue(forKey: ticket)
                    if early == nil { queue.callers[ticket] = continuation }
                    return early
                }
                if let early { return continuation.resume(with: early) }
                // Cancelling may have come before there was anybody to withdraw, and the last group may have ended.
                if Task.isCancelled { withdraw(ticket) }
                startGroups()
            }
        } onCancel: {
            withdraw(ticket)
        }
    }

    /// A caller that gave up before a group took its append. After that it gets the group's answer.
    private func withdraw(_ ticket: UInt64) {
        let caller = queue.withLock { queue -> CheckedContinuation<AppendResult, any Error>? in
            guard queue.callers[ticket] != nil, queue.machine.withdraw(ticket) else { return nil }
            return queue.callers.removeValue(forKey: ticket)
        }
        caller?.resume(throwing: CancellationError())
    }

    private func finish(_ streams: [StreamName], events: Int, since start: ContinuousClock.Instant) {
        queue.withLock { $0.machine.finished(streams, events: events, duration: .now - start) }
        startGroups()
    }

    /// Starts what groups can be had. A group is a task of its own, because it belongs to many callers, none of whom may take
    /// the others along when it is cancelled.
    private func startGroups() {
        while queue.withLock({ $0.machine.startGroup() }) {
            Task { await self.runGroup() }
        }
    }

    private func runGroup() async {
        guard let group = queue.withLock({ $0.machine.nextGroup() }) else { return }
        let start = ContinuousClock.now
        await commit(group)
        finish(
            group.map(\.append.stream), events: group.reduce(0) { $0 + $1.append.events.count }, since: start)
    }

    /// Commits a group, and one by one what the group could not.
    private func commit(_ group: [AppendQueue<UInt64>.Request]) async {
        var left = group
        if group.count > 1 {
            let call = AppendCall(group.map(\.append), atomic: false)
            let statement = call.statement(names)
            do {
                let outcomes = try await pool.withSession { session in
                    try call.outcomes(try session.query(statement))
                }
                await announce()
                left = []
                for (request, outcome) in zip(group, outcomes) {
                    switch outcome {
                    case .done(let result): answer(request.ticket, .success(result))
                    case .refused(let error): answer(request.ticket, .failure(error))
                    case .busy, .skipped: left.append(request)
                    }
                }
            } catch {
                // No caller fails for its neighbour. Trying again is safe even if the group was committed after all: appends
                // are idempotent.
                logger.debug("group of appends failed, appending one by one", metadata: ["error": "\(error)"])
            }
        }
        await withTaskGroup { tasks in
            for request in left {
                tasks.addTask {
                    do {
                        let alone = AppendCall([request.append], atomic: true)
                        self.answer(request.ticket, .success(try await self.appendAtomically(alone)[0]))
                    } catch {
                        self.answer(request.ticket, .failure(error))
                    }
                }
            }
        }
    }

    private func answer(_ ticket: UInt64, _ result: Result<AppendResult, any Error>) {
        let caller = queue.withLock { queue in
            let caller = queue.callers.removeValue(forKey: ticket)
            if caller == nil { queue.early[ticket] = result }
            return caller
        }
        caller?.resume(with: result)
    }
}
