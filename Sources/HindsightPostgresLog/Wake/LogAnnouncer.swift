import HindsightPostgres
import Logging
import Synchronization

/// Tells other processes of appends: one notification for all that happen within an interval.
///
/// Never in an append's own transaction: NOTIFY takes a lock of the whole cluster through the commit's flush.
final class LogAnnouncer: Sendable {
    private enum State {
        case idle
        /// A notification is on its way, or the interval after it runs.
        case busy
        /// The same, and there was an append since.
        case dirty
    }

    private let pool: PostgresPool
    private let interval: Duration
    private let logger: Logger
    private let state = Mutex(State.idle)

    init(pool: PostgresPool, interval: Duration, logger: Logger) {
        self.pool = pool
        self.interval = interval
        self.logger = logger
    }

    /// Sends a notification soon. A lost one costs readers a poll interval and nothing else.
    ///
    /// - Parameter pause: for how long to leave the processor to the readers of this process, who need no notification.
    func announce(on channel: String, after pause: Duration) {
        let start = state.withLock { state in
            switch state {
            case .idle:
                state = .busy
                return true
            case .busy, .dirty:
                state = .dirty
                return false
            }
        }
        guard start else { return }
        // A task of its own: the append has returned, and nobody waits for the notification.
        Task {
            if pause > .zero {
                try? await Task.sleep(for: pause)  // never cancelled, like the one below
            }
            repeat {
                // What was appended up to now is told by this one.
                state.withLock { $0 = .busy }
                await send(on: channel)
                try? await Task.sleep(for: interval)  // never cancelled: nobody holds this task
            } while goesOn()
        }
    }

    /// Sends now what may not have been sent yet, and returns when the server has it.
    func flush(on channel: String) async {
        let isPending = state.withLock { state in
            switch state {
            case .idle:
                return false
            case .busy, .dirty:
                // How far the notification on its way has come is not known here. A second one does no harm.
                state = .busy
                return true
            }
        }
        if isPending { await send(on: channel) }
    }

    /// Whether there was an append since the last notification; if not, the next one starts anew.
    private func goesOn() -> Bool {
        state.withLock { state in
            switch state {
            case .idle, .busy:
                state = .idle
                return false
            case .dirty:
                return true
            }
        }
    }

    private func send(on channel: String) async {
        do {
            // Its commit is not flushed: it writes nothing but itself.
            try await pool.withSession { session in _ = try session.query("select pg_notify(\(channel), '')") }
        } catch {
            logger.debug(
                "notification not sent, readers find the events at their next poll", metadata: ["error": "\(error)"])
        }
    }
}
