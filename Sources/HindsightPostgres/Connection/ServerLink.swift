import CLibPQ
import Logging

/// A libpq connection and what belongs to it. Everything that calls libpq for it is an extension of this class.
///
/// `@unchecked Sendable`: after `init`, every member but the immutable ones is used on `thread` only. The connection's actor, whose
/// executor is that thread, and the thread's own loop are its only callers.
final class ServerLink: SocketWatcher, @unchecked Sendable {
    let thread: ConnectionThread
    let configuration: PostgresConfiguration
    let status = ConnectionStatus()
    let listeners = NotificationListeners()
    let logger: Logger
    /// How much longer than the server's statement timeout, or than a cancel request, to wait for an answer.
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

    /// Whether a `COMMIT` is in progress, which is waited for even if the task is cancelled.
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
        // Whoever dropped the last reference: without a thread nobody else can be using the connection.
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

    /// Notes that the connection broke, and lets go of it.
    func lose(_ error: PostgresError) {
        if status.lose(error) {
            logger.debug("connection lost", metadata: ["postgres.error": "\(error)"])
        }
        listeners.finish(throwing: error)
    }

    /// Frees the connection. Whatever the server had not committed is rolled back there.
    func finish() {
        PQfinish(connection)
        connection = nil
        cancelRequest = nil
        statements.removeAll()
    }
}
