import Synchronization

/// The gate that every statement of one session passes, so that cancelling the task stops its own statement and no
/// other.
final class StatementGate: Sendable {
    private let state = Mutex(CancellationState())
    private let request: CancelRequest?
    private let wakePipe: WakePipe

    /// - Parameters:
    ///   - request: how to cancel on the server; `nil` while there is no connection.
    ///   - wakePipe: woken when the state changes, for the thread that waits for the statement.
    init(request: CancelRequest?, wakePipe: WakePipe) {
        self.request = request
        self.wakePipe = wakePipe
    }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }
    var isRequestOnItsWay: Bool { state.withLock { $0.isRequestOnItsWay } }

    /// Stops the statement in progress and refuses further ones. Any thread may call it.
    func cancel() {
        perform(state.withLock { $0.cancel() })
        wakePipe.wake()
    }

    /// Stops the statement in progress only.
    func stopStatement() {
        perform(state.withLock { $0.stopStatement() })
    }

    /// - Throws: ``PostgresError`` with code `cancelled` if the task has been cancelled.
    func begin() throws {
        guard state.withLock({ $0.begin() }) else {
            throw PostgresError(.cancelled, "the task was cancelled")
        }
    }

    /// Returns whether the next statement may start; if not, the wake pipe signals when to check ``isRequestOnItsWay``
    /// again.
    func end() -> Bool {
        state.withLock { $0.end() }
    }

    private func perform(_ action: CancellationState.CancelAction) {
        switch action {
        case .nothing:
            return
        case .sendRequest:
            guard let request else { return requestReturned() }
            do {
                // Sending blocks for a round trip, or for a long time if the server is gone.
                try startDetachedThread(named: "hindsight-cancel") { [self] in
                    request.send()
                    requestReturned()
                }
            } catch {
                // No thread is available: the statement runs to its end.
                requestReturned()
            }
        }
    }

    private func requestReturned() {
        state.withLock { $0.requestReturned() }
        wakePipe.wake()
    }
}
