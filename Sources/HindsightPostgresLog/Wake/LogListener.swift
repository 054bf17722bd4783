import HindsightLog
import HindsightPostgres
import Logging
import Synchronization

/// Turns the notifications of other processes into signals, while somebody wants them, and signals at every poll interval, so
/// that a lost notification costs latency and nothing else.
final class LogListener: Sendable {
    private struct State {
        var users = 0
        var task: Task<Void, Never>?
    }

    private let pool: PostgresPool
    private let signal: LogSignal
    private let pollInterval: Duration
    private let logger: Logger
    private let state = Mutex(State())

    init(pool: PostgresPool, signal: LogSignal, pollInterval: Duration, logger: Logger) {
        self.pool = pool
        self.signal = signal
        self.pollInterval = pollInterval
        self.logger = logger
    }

    /// True while somebody in this process waits for events.
    var isInUse: Bool { state.withLock { $0.users > 0 } }

    /// One more user; the first one starts the listening.
    func retain(channel: @escaping @Sendable () async throws -> String) {
        state.withLock { state in
            state.users += 1
            if state.task == nil {
                // It outlives the call and belongs to all users together; the last one's release cancels it.
                state.task = Task { await self.run(channel) }
            }
        }
    }

    /// One user less; the last one ends the listening.
    func release() {
        state.withLock { state in
            state.users -= 1
            if state.users == 0 {
                state.task?.cancel()
                state.task = nil
            }
        }
    }

    private func run(_ channel: @escaping @Sendable () async throws -> String) async {
        await withTaskGroup { tasks in
            tasks.addTask { await self.poll() }
            tasks.addTask { await self.listen(channel) }
        }
    }

    private func poll() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: pollInterval)  // cancelled: the loop ends
            signal.notify()
        }
    }

    private func listen(_ channel: @Sendable () async throws -> String) async {
        while !Task.isCancelled {
            do {
                let channel = try await channel()
                try await pool.withConnection { connection in
                    let notifications = try await connection.notifications(on: channel)
                    // What was committed before LISTEN took effect was told to nobody here.
                    signal.notify()
                    for try await _ in notifications { signal.notify() }
                }
            } catch is CancellationError {
                return
            } catch {
                logger.debug("listening for appends failed, polling goes on", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: pollInterval)  // cancelled: the loop ends
        }
    }
}
