import HindsightLog
import HindsightPostgres
import Logging
import Synchronization

/// Turns the notifications of other processes into signals, while the log runs and has readers: a process that only
/// appends spends no connection on this.
final class LogListener: Sendable {
    private let pool: PostgresPool
    private let signal: LogSignal
    private let logger: Logger
    private let channel: @Sendable () async throws -> String
    private let users = Mutex(0)
    /// Signalled when the first user arrives and when the last one leaves.
    private let demand = LogSignal()

    /// - Parameters:
    ///   - signal: what to notify.
    ///   - channel: where to listen.
    init(
        pool: PostgresPool, signal: LogSignal, logger: Logger, channel: @escaping @Sendable () async throws -> String
    ) {
        self.pool = pool
        self.signal = signal
        self.logger = logger
        self.channel = channel
    }

    /// True while a reader in this process waits for events.
    var isInUse: Bool { users.withLock { $0 > 0 } }

    /// Adds a user.
    func retain() {
        let isFirst = users.withLock { users in
            users += 1
            return users == 1
        }
        if isFirst { demand.notify() }
    }

    /// Removes a user.
    func release() {
        let wasLast = users.withLock { users in
            users -= 1
            return users == 0
        }
        if wasLast { demand.notify() }
    }

    /// Listens whenever there are users, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            await untilInUse(true)
            await withTaskGroup { tasks in
                tasks.addTask { await self.listen() }
                tasks.addTask { await self.untilInUse(false) }
                await tasks.next()
                tasks.cancelAll()
            }
        }
    }

    private func untilInUse(_ wanted: Bool) async {
        while !Task.isCancelled {
            let seen = demand.generation
            guard isInUse != wanted else { return }
            await demand.wait(after: seen)
        }
    }

    private func listen() async {
        while !Task.isCancelled {
            do {
                let channel = try await channel()
                try await pool.withConnection { connection in
                    let notifications = try await connection.notifications(on: channel)
                    // Appends committed before LISTEN took effect were not announced to this process.
                    signal.notify()
                    for try await _ in notifications { signal.notify() }
                }
            } catch is CancellationError {
                return
            } catch {
                logger.debug("listening for appends failed, polling goes on", metadata: ["error.message": "\(error)"])
            }
            try? await Task.sleep(for: signal.pollInterval)  // cancelled: the loop ends
        }
    }
}
