/// What is known about cancelling the statement in progress. It decides; ``StatementGate`` acts.
///
/// A cancel request reaches the server on a connection of its own and stops whatever runs there when it arrives. So it is sent only
/// while its statement is active, and the next statement waits until the request has returned.
struct CancellationState {
    /// What to do about a wish to cancel.
    enum CancelAction: Equatable {
        /// Send a cancel request to the server.
        case sendRequest
        /// No statement is active, or a request is on its way.
        case nothing
    }

    private(set) var isCancelled = false
    private(set) var isRequestOnItsWay = false
    private var isStatementActive = false

    /// The task was cancelled: no further statement starts, the active one is stopped.
    mutating func cancel() -> CancelAction {
        isCancelled = true
        return stopStatement()
    }

    /// The active statement's result is not wanted any more.
    mutating func stopStatement() -> CancelAction {
        guard isStatementActive, !isRequestOnItsWay else { return .nothing }
        isRequestOnItsWay = true
        return .sendRequest
    }

    /// Whether a statement may start; if so, it is active now.
    mutating func begin() -> Bool {
        guard !isCancelled else { return false }
        isStatementActive = true
        return true
    }

    /// The statement's results have all been read. Returns whether the next one may start.
    mutating func end() -> Bool {
        isStatementActive = false
        return !isRequestOnItsWay
    }

    /// The request has been dealt with by the server, or has failed.
    mutating func requestReturned() {
        isRequestOnItsWay = false
    }
}
