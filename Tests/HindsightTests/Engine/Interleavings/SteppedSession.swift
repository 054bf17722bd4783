import Dispatch
import HindsightPostgres
import Synchronization

/// A session that runs the steps of an operation one by one, when it is told to, on its connection's own thread.
final class SteppedSession: Sendable {
    enum Answer: Sendable {
        case done(ShardOperation.Outcome)
        case failed(any Error)
    }

    private enum Request: Sendable {
        case step(ShardOperation.Step)
        /// Rolls back and forgets, for the next order.
        case clear
        case end
    }

    private struct Box: Sendable {
        var requests: [Request] = []
        var answer: Answer?
        var isUsable = true
    }

    let processID: Int32
    private let connection: PostgresConnection
    private let box: Mutex<Box>
    private let requested = DispatchSemaphore(value: 0)
    /// Whoever waits for any of several sessions.
    private let answered: DispatchSemaphore

    private init(_ connection: PostgresConnection, answered: DispatchSemaphore) {
        self.connection = connection
        self.answered = answered
        processID = connection.processID
        box = Mutex(Box())
    }

    static func open(_ database: PostgresConfiguration, answered: DispatchSemaphore) async throws -> SteppedSession {
        let connection = try await PostgresConnection.connect(database, logger: LogFixture.logger)
        let session = SteppedSession(connection, answered: answered)
        Task {
            do {
                try await connection.withSession { try session.serve(&$0) }
            } catch {
                // The server has ended the session; whoever asks next is told so.
                session.box.withLock { $0.isUsable = false }
            }
            await connection.close()
        }
        return session
    }

    var isUsable: Bool { box.withLock(\.isUsable) }

    func start(_ step: ShardOperation.Step) { put(.step(step)) }
    func clear() { put(.clear) }
    func end() { put(.end) }

    func takeAnswer() -> Answer? {
        box.withLock { box in
            defer { box.answer = nil }
            return box.answer
        }
    }

    private func put(_ request: Request) {
        box.withLock { $0.requests.append(request) }
        requested.signal()
    }

    private func answer(_ answer: Answer) {
        box.withLock { box in
            box.answer = answer
            if case .failed(let error) = answer, error.isConnectionLoss { box.isUsable = false }
        }
        answered.signal()
    }

    private func serve(_ session: inout PostgresSession) throws {
        var memory = ShardOperation.Memory()
        while true {
            requested.wait()
            switch box.withLock({ $0.requests.removeFirst() }) {
            case .step(let step):
                do {
                    let outcome = try step.run(&session, &memory)
                    if case .refused = outcome { try session.execute("rollback") }
                    answer(.done(outcome))
                } catch {
                    if !error.isConnectionLoss, session.isInTransaction { try session.execute("rollback") }
                    answer(.failed(error))
                }
            case .clear:
                memory = ShardOperation.Memory()
                do {
                    _ = try session.query(session.isInTransaction ? "rollback" : "select 1")
                    answer(.done(.done))
                } catch {
                    answer(.failed(error))
                }
            case .end:
                if session.isInTransaction { try session.execute("rollback") }
                return
            }
        }
    }
}
