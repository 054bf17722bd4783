import HindsightLog
import HindsightPostgres
import Logging
import Synchronization

/// Notifies other processes of appends, with one notification for all appends within an interval.
///
/// Never in an append's own transaction: NOTIFY holds a lock on the whole cluster during the commit's flush. Noted
/// appends are announced while the log runs, and otherwise by ``flush()``.
final class LogAnnouncer: Sendable {
    private struct State {
        /// There was an append since the last notification was begun.
        var isPending = false
        /// The number of notifications being sent.
        var sending = 0
    }

    private let pool: PostgresPool
    private let interval: Duration
    private let logger: Logger
    private let channel: @Sendable () async throws -> String
    private let state = Mutex(State())
    /// Wakes the loop that sends.
    private let noted = LogSignal()

    /// How long a flush waits for a server that does not respond.
    private static let patience: Duration = .seconds(2)

    /// - Parameter channel: where to announce.
    init(
        pool: PostgresPool, interval: Duration, logger: Logger, channel: @escaping @Sendable () async throws -> String
    ) {
        self.pool = pool
        self.interval = interval
        self.logger = logger
        self.channel = channel
    }

    /// Notes that there is an append to announce.
    func note() {
        let isFirst = state.withLock { state in
            defer { state.isPending = true }
            return !state.isPending
        }
        if isFirst { noted.notify() }
    }

    /// Sends notifications until the task is cancelled. A lost notification costs readers a poll interval and nothing
    /// else.
    ///
    /// - Parameter pause: how long to leave the processor to the readers of this process, which need no notification.
    func run(pausing pause: @Sendable () -> Duration) async {
        while !Task.isCancelled {
            let seen = noted.generation
            guard state.withLock({ $0.isPending }) else {
                await noted.wait(after: seen)
                try? await Task.sleep(for: pause())  // cancelled: the loop ends
                continue
            }
            await send()
            try? await Task.sleep(for: interval)  // cancelled: the loop ends
        }
    }

    /// Returns when appends noted before have been announced, or after two seconds.
    func flush() async {
        guard state.withLock({ $0.isPending || $0.sending > 0 }) else { return }
        await withTaskGroup { tasks in
            tasks.addTask { await self.send() }
            tasks.addTask { try? await Task.sleep(for: Self.patience) }  // cancelled: it was sent
            await tasks.next()
            tasks.cancelAll()
        }
    }

    private func send() async {
        state.withLock { state in
            state.isPending = false
            state.sending += 1
        }
        do {
            let channel = try await channel()
            // Its commit is not flushed: the transaction writes only the notification.
            try await pool.withSession { session in _ = try session.query("select pg_notify(\(channel), '')") }
        } catch {
            // If the loop ends in the middle of this, the notification is left to the flush.
            if Task.isCancelled { state.withLock { $0.isPending = true } }
            logger.debug(
                "notification not sent, readers find the events at their next poll",
                metadata: ["error.message": "\(error)"])
        }
        state.withLock { $0.sending -= 1 }
    }
}
