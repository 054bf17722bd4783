import HindsightValues
public import Logging
public import ServiceLifecycle
import Synchronization

/// A limited number of connections, lent to callers that need one.
///
/// Connections are made when they are needed. When all are in use, callers wait, first come first served, up to
/// ``waitTimeout``. A connection that broke is replaced; while the server cannot be reached, attempts become rarer and
/// callers wait. Each connection has a thread of its own.
///
/// ```swift
/// let pool = PostgresPool(configuration: configuration, logger: logger)
/// let name = try await pool.withSession { session in
///     try session.query("select name from customer where id = \(id)").first?.decode(0, as: String.self)
/// }
/// ```
///
/// The pool works without ``run()``. Running it as a service closes connections that have not been used for long, and
/// all of them at shutdown.
public final class PostgresPool: Service, Sendable {
    typealias Machine = PoolStateMachine<PostgresConnection, CheckedContinuation<PoolOutcome, Never>>

    private struct State {
        var machine: Machine
        var drained: [CheckedContinuation<Void, Never>] = []
    }

    /// How connections are made.
    public let configuration: PostgresConfiguration
    /// The largest number of connections.
    public let maximumConnections: Int
    /// How long a caller waits for a connection, including the time to make one.
    public let waitTimeout: Duration
    /// How long a connection may be idle before ``run()`` closes it.
    public let idleTimeout: Duration
    private let logger: Logger
    private let state: Mutex<State>
    /// What users of the pool share (``companion(_:_:)``).
    let companions = Mutex<[String: any AnyObject & Sendable]>([:])

    /// Creates a pool without any connection.
    ///
    /// - Parameters:
    ///   - configuration: how connections are made.
    ///   - maximumConnections: the largest number of connections, and of their threads; 1 or more. Defaults to `8`.
    ///   - waitTimeout: how long a caller waits for a connection. Defaults to 30 seconds.
    ///   - idleTimeout: how long a connection may be idle before ``run()`` closes it. Defaults to 5 minutes.
    ///   - logger: for messages at debug level.
    public init(
        configuration: PostgresConfiguration, maximumConnections: Int = 8, waitTimeout: Duration = .seconds(30),
        idleTimeout: Duration = .seconds(300), logger: Logger
    ) {
        precondition(maximumConnections > 0, "a pool needs at least one connection")
        self.configuration = configuration
        self.maximumConnections = maximumConnections
        self.waitTimeout = waitTimeout
        self.idleTimeout = idleTimeout
        self.logger = logger
        state = Mutex(State(machine: Machine(slotCount: maximumConnections, backoff: configuration.reconnectBackoff)))
    }

    /// Closes idle connections from time to time; when graceful shutdown begins, closes the pool like ``close()``.
    public func run() async throws {
        try await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: idleTimeout / 4)
                } catch is CancellationError {
                    return
                }
                reap()
            }
        }
        await close()
    }

    /// Lends a connection while `body` runs.
    ///
    /// - Throws: what `body` throws; ``PostgresError`` with code `timeout` if no connection became available in time,
    ///   `connectionFailed` if the server refused (a wrong password, for example), `cancelled`, or `closed`.
    public func withConnection<T: Sendable>(
        _ body: (PostgresConnection) async throws -> T
    ) async throws -> T {
        let connection = try await lease()
        defer { release(connection) }
        return try await body(connection)
    }

    /// Runs a unit of work on a connection; see ``PostgresConnection/withSession(_:)``.
    ///
    /// - Throws: what that method throws, and what ``withConnection(_:)`` throws.
    @discardableResult
    public func withSession<T: Sendable>(
        _ body: @Sendable (inout PostgresSession) throws -> T
    ) async throws -> T {
        try await withConnection { try await $0.withSession(body) }
    }

    /// Runs a unit of work in a transaction; see ``PostgresConnection/withTransaction(_:_:)``.
    ///
    /// - Throws: what that method throws, and what ``withConnection(_:)`` throws.
    @discardableResult
    public func withTransaction<T: Sendable>(
        _ options: TransactionOptions = .readCommitted, _ body: @Sendable (inout PostgresSession) throws -> T
    ) async throws -> T {
        try await withConnection { try await $0.withTransaction(options, body) }
    }

    /// Refuses new and waiting callers with code `closed`, waits until the connections in use have been returned, and
    /// closes all connections.
    public func close() async {
        let (connections, resumptions) = state.withLock { $0.machine.close() }
        resume(resumptions)
        for connection in connections {
            await connection.close()
        }
        await withCheckedContinuation { continuation in
            let isDrained = state.withLock { state in
                if !state.machine.isDrained {
                    state.drained.append(continuation)
                }
                return state.machine.isDrained
            }
            if isDrained {
                continuation.resume()
            }
        }
    }

    // MARK: - Lending

    private func lease() async throws -> PostgresConnection {
        let (ticket, action) = state.withLock { state in
            let ticket = state.machine.makeTicket()
            return (ticket, state.machine.acquire(ticket, nil))
        }
        if case .grant(.lease(let connection)) = action, connection.isUsable {
            return connection
        }
        return try await leaseSlowly(ticket, action)
    }

    /// Waits and connects as the state machine decides, until there is a connection.
    private func leaseSlowly(_ ticket: Machine.Ticket, _ action: Machine.AcquireAction) async throws
        -> PostgresConnection
    {
        let deadline = ContinuousClock.now + waitTimeout
        var hasSlot = false
        var retryTime: ContinuousClock.Instant?
        var failure: PostgresError?
        defer {
            if hasSlot {
                giveBackSlot()
            }
        }
        var outcome = try await outcome(of: action, ticket, until: deadline)
        while true {
            switch outcome {
            case .granted(.lease(let connection)):
                hasSlot = false
                if connection.isUsable {
                    return connection
                }
                release(connection)
                outcome = await wait(ticket, hasSlot: false, until: deadline)
                continue
            case .granted(.connect(let time)):
                hasSlot = true
                retryTime = time
            case .granted(.refuse):
                throw PostgresError(.closed, "the pool is closed")
            case .cancelled:
                throw PostgresError(.cancelled, "waiting for a connection was cancelled")
            case .timeUp where !hasSlot || ContinuousClock.now >= deadline:
                throw timeUp(failure)
            case .timeUp:
                retryTime = nil
            }
            if let time = retryTime, time > .now {
                outcome = await wait(ticket, hasSlot: true, until: min(time, deadline))
                retryTime = nil
                continue
            }
            do {
                let connection = try await connect(until: deadline)
                hasSlot = false
                return connection
            } catch let error as PostgresError where error.isRetriable {
                logger.debug("connecting failed", metadata: ["error.message": "\(error)"])
                // An attempt that only exceeded this caller's time says nothing about the server.
                if failure == nil || error.code != .timeout { failure = error }
                let time = state.withLock { $0.machine.connectFailed(at: .now) }
                outcome = await wait(ticket, hasSlot: true, until: min(time, deadline))
            }
        }
    }

    private func timeUp(_ failure: PostgresError?) -> PostgresError {
        let reason = failure.map { "; the last attempt to connect: \($0)" } ?? ""
        return PostgresError(.timeout, "no free connection within \(waitTimeout)\(reason)", underlying: failure)
    }

    private func outcome(
        of action: Machine.AcquireAction, _ ticket: Machine.Ticket, until deadline: ContinuousClock.Instant
    ) async throws -> PoolOutcome {
        switch action {
        case .grant(let grant): .granted(grant)
        case .wait: await wait(ticket, hasSlot: false, until: deadline)
        }
    }

    /// Waits in the queue until something is granted, the time is up, or the task is cancelled.
    private func wait(
        _ ticket: Machine.Ticket, hasSlot: Bool, until time: ContinuousClock.Instant
    ) async -> PoolOutcome {
        await withTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            return await withCheckedContinuation { continuation in
                let (action, resumptions) = state.withLock { state in
                    hasSlot
                        ? state.machine.acquireWithSlot(ticket, continuation)
                        : (state.machine.acquire(ticket, continuation), [])
                }
                resume(resumptions)
                switch action {
                case .grant(let grant):
                    continuation.resume(returning: .granted(grant))
                case .wait:
                    // Started once the waiter is in the queue; otherwise it could come too early to find it there.
                    group.addTask { [self] in await leaveQueue(ticket, at: time) }
                }
            }
        }
    }

    private func leaveQueue(_ ticket: Machine.Ticket, at time: ContinuousClock.Instant) async {
        // Cancelling ends the sleep early, which is no error: the waiter leaves the queue either way.
        try? await Task.sleep(until: time, clock: .continuous)
        let outcome: PoolOutcome = Task.isCancelled ? .cancelled : .timeUp
        state.withLock { $0.machine.leaveQueue(ticket) }?.resume(returning: outcome)
    }

    private func connect(until deadline: ContinuousClock.Instant) async throws -> PostgresConnection {
        var configuration = configuration
        configuration.connectTimeout = min(configuration.connectTimeout, ContinuousClock.now.duration(to: deadline))
        let connection = try await PostgresConnection.connect(configuration, logger: logger)
        guard state.withLock({ $0.machine.connected() }) else {
            throw PostgresError(.closed, "the pool is closed")
        }
        return connection
    }

    private func release(_ connection: PostgresConnection) {
        let action = state.withLock {
            $0.machine.release(connection, isUsable: connection.isUsable, at: .now)
        }
        // A connection that is not kept closes itself when its last reference is gone.
        resume(action.resumptions)
        resumeDrained()
    }

    private func giveBackSlot() {
        resume(state.withLock { $0.machine.giveBackSlot() })
        resumeDrained()
    }

    private func reap() {
        let connections = state.withLock { $0.machine.reap(unusedSince: .now - idleTimeout) }
        if !connections.isEmpty {
            logger.debug("closed unused connections", metadata: ["postgres.count": "\(connections.count)"])
        }
    }

    private func resume(_ resumptions: [Machine.Resumption]) {
        for resumption in resumptions {
            resumption.waiter.resume(returning: .granted(resumption.grant))
        }
    }

    private func resumeDrained() {
        let continuations = state.withLock { state in
            guard state.machine.isDrained else { return [CheckedContinuation<Void, Never>]() }
            defer { state.drained.removeAll() }
            return state.drained
        }
        for continuation in continuations {
            continuation.resume()
        }
    }
}
