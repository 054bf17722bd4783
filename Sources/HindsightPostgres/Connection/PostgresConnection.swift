public import Logging

/// A connection to a PostgreSQL server, with its own thread.
///
/// A unit of work is a synchronous closure that gets the session. Units run one at a time on the connection's thread,
/// without interleaving; waiting for the server blocks that thread and nothing else.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(configuration, logger: logger)
/// let count = try await connection.withTransaction { session in
///     try session.execute("update customer set active = false where id = any(\(ids))")
/// }
/// ```
///
/// Cancelling the task that waits for a unit of work stops its statement on the server. The unit then throws
/// ``PostgresError`` with code `cancelled`, and the connection stays usable. A connection closes itself when its last
/// reference is gone.
public final actor PostgresConnection {
    private nonisolated let thread: ConnectionThread
    private nonisolated let link: ServerLink
    /// The server's process id for this connection, as in `pg_stat_activity.pid`.
    public nonisolated let processID: Int32

    /// The connection's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private init(link: ServerLink, processID: Int32) {
        thread = link.thread
        self.link = link
        self.processID = processID
    }

    deinit {
        thread.stop()
    }

    /// Connects to a server.
    ///
    /// Looking up a host name is not covered by the time limit.
    ///
    /// - Throws: ``PostgresError`` with code `connectionFailed`, `timeout`, `cancelled`, or `misuse` for an invalid
    ///   connection string.
    public static func connect(
        _ configuration: PostgresConfiguration, logger: Logger
    ) async throws -> PostgresConnection {
        let thread = try ConnectionThread()
        let link = ServerLink(thread: thread, configuration: configuration, logger: logger)
        let gate = link.gate
        do {
            let processID = try await withTaskCancellationHandler {
                try await thread.run {
                    try link.open()
                    thread.watch(link)
                    return link.processID
                }
            } onCancel: {
                gate.cancel()
            }
            return PostgresConnection(link: link, processID: processID)
        } catch {
            thread.stop()
            throw error
        }
    }

    /// Whether the connection can still be used. A connection that breaks while it is idle becomes unusable at once if
    /// the server says good-bye, and otherwise when it is next used.
    public nonisolated var isUsable: Bool { link.status.isUsable }

    /// Runs a unit of work. A transaction that it leaves open is rolled back.
    ///
    /// - Parameter body: runs on the connection's thread. It may block; it cannot keep the session.
    /// - Throws: what `body` throws; ``PostgresError`` with code `closed`, `connectionLost`, `cancelled`, or `misuse`
    ///   if it left a transaction open.
    @discardableResult
    public func withSession<T: Sendable>(
        _ body: @Sendable (inout PostgresSession) throws -> T
    ) async throws -> T {
        try await withGate {
            var session = PostgresSession(link: link)
            let value: T
            do {
                value = try body(&session)
            } catch {
                link.rollBack()
                throw error
            }
            if link.isInTransaction {
                link.rollBack()
                throw PostgresError(.misuse, "a transaction was left open; it has been rolled back")
            }
            return value
        }
    }

    /// Runs a unit of work in a transaction: `COMMIT` when it returns, `ROLLBACK` when it throws.
    ///
    /// - Parameters:
    ///   - options: isolation and access. Defaults to read committed and read-write.
    ///   - body: runs on the connection's thread. It may block; it cannot keep the session.
    /// - Throws: what `body` throws, even if rolling back fails; what ``withSession(_:)`` throws; ``PostgresError``
    ///   with code `commitUnknown` if the connection broke after `COMMIT` was sent, so that its outcome is unknown;
    ///   with SQLSTATE 25P02 if `body` returned although a statement in it had failed, so that the server rolled back.
    @discardableResult
    public func withTransaction<T: Sendable>(
        _ options: TransactionOptions = .readCommitted, _ body: @Sendable (inout PostgresSession) throws -> T
    ) async throws -> T {
        try await withGate {
            var session = PostgresSession(link: link)
            do {
                try link.begin(options)
                let value = try body(&session)
                try link.commit()
                return value
            } catch {
                link.rollBack()
                throw error
            }
        }
    }

    /// Listens to a channel. The connection can do other work at the same time.
    ///
    /// - Returns: the notifications from now on.
    /// - Throws: what ``withSession(_:)`` throws.
    public func notifications(on channel: String) async throws -> PostgresNotifications {
        _ = try PostgresIdentifier(validating: channel)
        let (stream, continuation) = AsyncThrowingStream.makeStream(
            of: PostgresNotification.self, bufferingPolicy: .bufferingNewest(PostgresNotifications.bufferedCount))
        let listeners = link.listeners
        try await withGate {
            let (number, isFirst) = listeners.add(continuation, channel: channel)
            continuation.onTermination = { _ in listeners.remove(number, channel: channel) }
            guard isFirst else { return }
            do {
                try link.listen(on: channel)
            } catch {
                listeners.remove(number, channel: channel)
                throw error
            }
        }
        return PostgresNotifications(connection: self, stream: stream)
    }

    /// Closes the connection after the work that was submitted before. Later work throws code `closed`.
    public func close() async {
        link.close()
    }

    /// Runs one unit of work; cancelling the task stops it.
    private func withGate<T: Sendable>(_ body: () throws -> T) async throws -> T {
        let gate = StatementGate(request: link.cancelRequest, wakePipe: thread.wakePipe)
        return try await withTaskCancellationHandler {
            link.gate = gate
            try link.status.check()
            link.dropAbandonedChannels()
            guard !gate.isCancelled else {
                throw PostgresError(.cancelled, "the task was cancelled")
            }
            defer {
                if !isUsable {
                    link.finish()
                }
            }
            return try body()
        } onCancel: {
            gate.cancel()
        }
    }
}
