public import HindsightLog
public import HindsightPostgres
import HindsightTracing
import HindsightValues
import Logging
import Synchronization

extension PostgresEventLog {
    /// The callers waiting for their tickets, around the value that decides.
    struct QueueState: ~Copyable {
        var machine: AppendQueue<UInt64>
        var nextTicket: UInt64 = 0
        var callers: [UInt64: CheckedContinuation<AppendResult, any Error>] = [:]
        /// Answers that arrived before their callers began to wait.
        var early: [UInt64: Result<AppendResult, any Error>] = [:]
    }

    /// Appends events to one stream, together with other callers' events if there are any.
    @discardableResult
    public func append(
        _ events: [NewEvent], to stream: StreamName, expected: ExpectedVersion = .any
    ) async throws -> AppendResult {
        let append = StreamAppend(stream, events, expected: expected)
        try configuration.limits.check([append])
        return try await AppendSpan.around([append], within: configuration.limits) { appends in
            [try await submit(appends[0])]
        }[0]
    }

    private func submit(_ append: StreamAppend) async throws -> AppendResult {
        let (ticket, submission) = queue.withLock { queue in
            queue.nextTicket += 1
            return (queue.nextTicket, queue.machine.submit(append, as: queue.nextTicket))
        }
        switch submission {
        case .runAlone:
            return try await runAlone(append)
        case .wait:
            return try await waitForGroup(ticket)
        }
    }

    /// Appends events to several streams in one transaction.
    @discardableResult
    public func append(_ appends: [StreamAppend]) async throws -> [AppendResult] {
        try configuration.limits.check(appends)
        return try await AppendSpan.around(appends, within: configuration.limits) { appends in
            try await appendAtomically(AppendStatement(appends, atomic: true))
        }
    }

    /// Appends events of several streams in the given order, in one transaction.
    @discardableResult
    public func append(inOrder events: [StreamEvent]) async throws -> Int64 {
        try check(events)
        let results = try await AppendSpan.around(inOrder: events, within: configuration.limits) { events in
            try await appendAtomically(AppendStatement(inOrder: events))
        }
        return results.map(\.position).max() ?? 0
    }

    /// Appends events as ``append(inOrder:)`` does, exactly as another log or file has them.
    @discardableResult
    public func append(verbatim events: [StreamEvent]) async throws -> AppendResult {
        try check(events)
        let results = try await appendAtomically(AppendStatement(inOrder: events))
        // All of them are duplicates, or none. An append of no events counts as stored.
        return results.max { $0.position < $1.position } ?? AppendResult(position: 0, version: -1, isDuplicate: true)
    }

    private func check(_ events: [StreamEvent]) throws {
        let appends = Dictionary(grouping: events, by: \.stream).map { StreamAppend($0, $1.map(\.event)) }
        try configuration.limits.check(appends)
    }

    /// Appends within your own transaction, together with your own writes: all become visible with its commit, or none.
    ///
    /// The events hold the log's frontier back until the transaction ends, so keep it short; no other appender waits
    /// for it. When this throws an ``EventLogError`` the transaction is still usable. Call ``announce()`` after the
    /// commit.
    ///
    /// - Throws: ``EventLogError`` with `conflict`, `knownEvents` or `invalidAppend`; a `PostgresError` that is
    ///   retriable when two transactions append to the same streams in different orders, or when the transaction's
    ///   snapshot is older than another append. Where the database's limits are narrower than ``limits``, it is one of
    ///   `23514`, and the transaction has to be rolled back.
    @discardableResult
    public func append(_ appends: [StreamAppend], in session: inout PostgresSession) throws -> [AppendResult] {
        try configuration.limits.check(appends)
        return try AppendSpan.around(appends, within: configuration.limits) { appends in
            try run(AppendStatement(appends, atomic: true), in: &session)
        }
    }

    private func run(_ call: AppendStatement, in session: inout PostgresSession) throws -> [AppendResult] {
        do {
            return try Self.results(try call.outcomes(try session.query(call.sql(names))))
        } catch let error as PostgresError where error.sqlState == "23505" {
            // An append that this transaction's snapshot does not show has taken a stream version or an id.
            throw PostgresError(
                .server, "another append got in between: run the transaction again", sqlState: "40001",
                underlying: error)
        }
    }

    /// Appends events to one stream within your own transaction.
    @discardableResult
    public func append(
        _ events: [NewEvent], to stream: StreamName, expected: ExpectedVersion = .any, in session: inout PostgresSession
    ) throws -> AppendResult {
        try append([StreamAppend(stream, events, expected: expected)], in: &session)[0]
    }

    /// Runs a transaction on the log's database in which events can be appended together with other writes, and
    /// announces them.
    public func withTransaction<Value: Sendable>(
        _ body: @Sendable (inout PostgresSession) throws -> Value
    ) async throws -> Value {
        let value = try await pool.withTransaction(.readCommitted, body)
        announce()
        return value
    }

    private func appendAtomically(_ call: AppendStatement) async throws -> [AppendResult] {
        let results = try Self.results(try await outcomes(of: call))
        announce()
        return results
    }

    /// Runs one call in one transaction, and retries it if another append got in between.
    private func outcomes(of call: AppendStatement) async throws -> [AppendOutcome] {
        let statement = call.sql(names)
        var attempt = 1
        while true {
            do {
                return try await pool.withSession { session in
                    try call.outcomes(try session.query(statement))
                }
            } catch let error as PostgresError where Self.isContention(error) {
                guard attempt < 5 else {
                    throw EventLogError(
                        .contention, "other appends to the same streams got in between \(attempt) times: try again")
                }
                attempt += 1
            } catch let error as PostgresError where error.constraint == DatabaseLimits.constraint {
                throw Self.refusal(error, of: call)
            }
        }
    }

    /// The error for an append that this program's own limits let through, and those of the database, which hold for all who append, do not.
    private static func refusal(_ error: PostgresError, of call: AppendStatement) -> EventLogError {
        let hint = error.hint.map { ": the database refuses that, whoever appends. \($0)" } ?? ""
        return EventLogError(.invalidAppend, error.message + hint, stream: call.stream, underlying: error)
    }

    /// True for a unique violation, a deadlock or a serialization failure: it was rolled back, and is worth another
    /// try.
    private static func isContention(_ error: PostgresError) -> Bool {
        switch error.sqlState {
        case "23505", "40001", "40P01": true
        default: false
        }
    }

    private static func results(_ outcomes: [AppendOutcome]) throws -> [AppendResult] {
        let refusals = outcomes.compactMap { outcome in
            if case .refused(let error) = outcome { error } else { nil }
        }
        // One of the results has the ids of all.
        if let error = refusals.first(where: { !$0.eventIDs.isEmpty }) ?? refusals.first { throw error }
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
                // Cancellation may have come before there was an append to withdraw, and the last group may have ended.
                if Task.isCancelled { withdraw(ticket) }
                startGroups()
            }
        } onCancel: {
            withdraw(ticket)
        }
    }

    /// Withdraws the append of a caller that gives up before a group has taken it. After that, the caller gets the
    /// group's answer.
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

    /// Starts as many groups as possible. A group is a separate task, because it belongs to many callers: cancelling
    /// one must not cancel the others.
    private func startGroups() {
        while queue.withLock({ $0.machine.startGroup() }) {
            Task { await self.runGroup() }
        }
    }

    private func runGroup() async {
        guard let group = queue.withLock({ $0.machine.nextGroup() }) else { return }
        let start = ContinuousClock.now
        let left = await commit(group)
        let going = Set(left.map(\.append.stream))
        finish(
            group.map(\.append.stream).filter { !going.contains($0) },
            events: group.reduce(0) { $0 + $1.append.events.count }, since: start)
        // Each continues alone, so that no other append waits for a stream that is busy elsewhere.
        for request in left {
            Task { await self.commitAlone(request) }
        }
    }

    /// Commits a group.
    ///
    /// - Returns: the appends that it could not commit; each must be tried alone.
    private func commit(_ group: [AppendQueue<UInt64>.Request]) async -> [AppendQueue<UInt64>.Request] {
        let call = AppendStatement(group.map(\.append), atomic: false)
        let statement = call.sql(names)
        do {
            let outcomes = try await pool.withSession { session in
                try call.outcomes(try session.query(statement))
            }
            announce()
            var left: [AppendQueue<UInt64>.Request] = []
            for (request, outcome) in zip(group, outcomes) {
                switch outcome {
                case .done(let result):
                    // The limit was raised; a repetition does not tell.
                    if request.isLarge, !result.isDuplicate { queue.withLock { _ = $0.machine.learn(nil) } }
                    answer(request.ticket, .success(result))
                case .refused(let error): answer(request.ticket, .failure(error))
                case .busy, .skipped: left.append(request)
                }
            }
            return left
        } catch let error as PostgresError where error.constraint == DatabaseLimits.constraint {
            if group.count == 1 {
                answer(group[0].ticket, .failure(Self.refusal(error, of: call)))
                return []
            }
            return await commitOthers(of: group)
        } catch {
            // No caller fails because of its neighbour. A retry is safe even if the group was committed after all:
            // appends are idempotent.
            logger.debug("group of appends failed, appending one by one", metadata: ["error.message": "\(error)"])
            return group
        }
    }

    /// Commits those of a group that was refused for a size who are not to blame.
    ///
    /// - Returns: the others, and all if nobody is found: each of them must be tried alone, so that the database itself says what is wrong
    ///   with it, by its limits of that moment.
    private func commitOthers(of group: [AppendQueue<UInt64>.Request]) async -> [AppendQueue<UInt64>.Request] {
        do {
            let limits = try await pool.withSession { [names] session in
                try DatabaseLimits.read(names, in: &session)
            }
            let (large, others) = queue.withLock { $0.machine.learn(limits, from: group) }
            guard !large.isEmpty, !others.isEmpty else { return group }
            return await commit(others) + large
        } catch {
            logger.debug(
                "the limits of the database are not known, appending one by one",
                metadata: ["error.message": "\(error)"])
            return group
        }
    }

    private func commitAlone(_ request: AppendQueue<UInt64>.Request) async {
        do {
            answer(request.ticket, .success(try await appendWhenFree(request.append)))
        } catch {
            answer(request.ticket, .failure(error))
        }
        free(request.append.stream)
    }

    /// Runs an append that found no running group. If its stream is busy elsewhere, it makes room for others and waits.
    private func runAlone(_ append: StreamAppend) async throws -> AppendResult {
        let start = ContinuousClock.now
        var streams = [append.stream]
        let outcome: AppendOutcome
        do {
            defer { finish(streams, events: append.events.count, since: start) }
            outcome = try await outcomes(of: AppendStatement([append], atomic: false))[0]
            if case .busy = outcome { streams = [] }
        }
        if case .busy = outcome {
            defer { free(append.stream) }
            return try await appendWhenFree(append)
        }
        let result = try Self.results([outcome])[0]
        announce()
        return result
    }

    /// Appends to a stream as soon as no other append does. It polls rather than wait on the server, which would occupy
    /// a connection: a process may have more callers waiting for busy streams than connections.
    private func appendWhenFree(_ append: StreamAppend) async throws -> AppendResult {
        let call = AppendStatement([append], atomic: false)
        var backoff = Backoff(initial: .milliseconds(2), factor: 1.5, maximum: .milliseconds(100))
        while true {
            let outcome = try await outcomes(of: call)[0]
            if case .busy = outcome {
                try await Task.sleep(for: backoff.next())
                continue
            }
            let result = try Self.results([outcome])[0]
            announce()
            return result
        }
    }

    private func free(_ stream: StreamName) {
        queue.withLock { $0.machine.freed(stream) }
        startGroups()
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
