import CLibPQ
import Logging

/// A libpq connection and its state. All code that calls libpq for it is an extension of this class.
///
/// `@unchecked Sendable`: after `init`, all members except the immutable ones are used on `thread` only. The
/// connection's actor, whose executor is that thread, and the thread's own loop are its only callers.
final class ServerLink: SocketWatcher, @unchecked Sendable {
    let thread: ConnectionThread
    let configuration: PostgresConfiguration
    let status = ConnectionStatus()
    let listeners = NotificationListeners()
    let logger: Logger
    /// How long to wait for an answer after the server's statement timeout, or after a cancel request.
    let grace = Duration.seconds(10)

    var connection: OpaquePointer?
    var cancelRequest: CancelRequest?
    /// The gate of the session in progress.
    var gate: StatementGate
    var statements = StatementCache()
    var scrubber = SecretScrubber([])
    /// While connecting, the time at which to give up.
    var connectDeadline: ContinuousClock.Instant?
    /// The first error inside the transaction in progress: why a later `COMMIT` rolls back.
    var transactionError: PostgresError?

    /// Whether a `COMMIT` is in progress; its end is awaited even if the task is cancelled.
    var isCommitting = false
    /// Whether the last statement outside pipeline mode was read row by row.
    var wasSingleRowMode = false

    init(thread: ConnectionThread, configuration: PostgresConfiguration, logger: Logger) {
        self.thread = thread
        self.configuration = configuration
        self.logger = logger
        gate = StatementGate(request: nil, wakePipe: thread.wakePipe)
    }

    deinit {
        // Runs where the last reference was dropped: without a thread, nothing else can be using the connection.
        PQfinish(connection)
    }

    var isInTransaction: Bool {
        guard let connection else { return false }
        return PQtransactionStatus(connection) != PQTRANS_IDLE
    }

    // MARK: - SocketWatcher

    var socket: Int32 {
        guard let connection, status.isUsable else { return -1 }
        return PQsocket(connection)
    }

    func socketIsReady() {
        guard let connection else { return }
        let isBroken = PQconsumeInput(connection) == 0 || PQstatus(connection) == CONNECTION_BAD
        deliverNotifications()
        if isBroken {
            _ = loss()
        }
    }

    func threadEnds() {
        close()
    }

    // MARK: - Ending

    /// Closes the connection on purpose.
    func close() {
        status.close()
        listeners.finish(throwing: nil)
        finish()
    }

    /// Notes that the connection broke, and releases it.
    func lose(_ error: PostgresError) {
        if status.lose(error) {
            logger.debug("connection lost", metadata: ["error.message": "\(error)"])
        }
        listeners.finish(throwing: error)
    }

    /// Frees the connection. The server rolls back anything uncommitted.
    func finish() {
        PQfinish(connection)
        connection = nil
        cancelRequest = nil
        statements.removeAll()
    }
}
