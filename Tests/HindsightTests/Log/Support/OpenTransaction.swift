import Dispatch
import HindsightPostgres
import Synchronization

/// A transaction that stays open while a test does other things, and runs the test's steps one by one.
///
/// One that a test forgets is rolled back. A step that waits for a lock blocks the transaction's own thread and no other.
final class OpenTransaction: Sendable {
    private enum Command: Sendable {
        case step(@Sendable (inout PostgresSession) -> Void)
        case commit
        case rollBack
    }

    /// What the transaction is to do next; its thread waits here.
    private final class Inbox: Sendable {
        private let commands = Mutex<[Command]>([])
        private let arrived = DispatchSemaphore(value: 0)

        func put(_ command: Command) {
            commands.withLock { $0.append(command) }
            arrived.signal()
        }

        func take() -> Command {
            arrived.wait()
            return commands.withLock { $0.removeFirst() }
        }
    }

    private struct RolledBack: Error {}

    /// The server process of the transaction.
    let processID: Int32
    private let inbox: Inbox
    private let task: Task<Void, any Error>

    private init(processID: Int32, inbox: Inbox, task: Task<Void, any Error>) {
        self.processID = processID
        self.inbox = inbox
        self.task = task
    }

    deinit { inbox.put(.rollBack) }

    static func begin(
        in pool: PostgresPool, _ options: TransactionOptions = .readCommitted
    ) async throws -> OpenTransaction {
        let inbox = Inbox()
        let (started, start) = AsyncThrowingStream.makeStream(of: Int32.self)
        let task = Task {
            do {
                try await pool.withTransaction(options) { session in
                    start.yield(session.processID)
                    start.finish()
                    while true {
                        switch inbox.take() {
                        case .step(let step): step(&session)
                        case .commit: return
                        case .rollBack: throw RolledBack()
                        }
                    }
                }
            } catch {
                start.finish(throwing: error)
                throw error
            }
        }
        for try await processID in started {
            return OpenTransaction(processID: processID, inbox: inbox, task: task)
        }
        throw CancellationError()
    }

    /// Runs a step in the transaction, after those that were asked for before.
    @discardableResult
    func run<Value: Sendable>(
        _ step: @escaping @Sendable (inout PostgresSession) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            inbox.put(
                .step { session in
                    do {
                        continuation.resume(returning: try step(&session))
                    } catch {
                        continuation.resume(throwing: error)
                    }
                })
        }
    }

    func commit() async throws {
        inbox.put(.commit)
        try await task.value
    }

    func rollBack() async throws {
        inbox.put(.rollBack)
        do {
            try await task.value
        } catch is RolledBack {
            return
        }
    }
}
