/// What is known about cancelling the statement in progress. It decides; ``StatementGate`` acts.
///
/// A cancel request reaches the server on a separate connection and stops whatever runs there when it arrives. It is
/// therefore sent only while its statement is active, and the next statement waits until the request has returned.
package struct CancellationState {
    /// What to do when cancellation is requested.
    package enum CancelAction: Equatable {
        /// Send a cancel request to the server.
        case sendRequest
        /// No statement is active, or a request is on its way.
        case nothing
    }

    package private(set) var isCancelled = false
    package private(set) var isRequestOnItsWay = false
    private var isStatementActive = false

    package init() {}

    /// The task was cancelled: no further statement starts, the active one is stopped.
    package mutating func cancel() -> CancelAction {
        isCancelled = true
        return stopStatement()
    }

    /// The active statement's result is no longer wanted.
    package mutating func stopStatement() -> CancelAction {
        guard isStatementActive, !isRequestOnItsWay else { return .nothing }
        isRequestOnItsWay = true
        return .sendRequest
    }

    /// Whether a statement may start; if so, it is active now.
    package mutating func begin() -> Bool {
        guard !isCancelled else { return false }
        isStatementActive = true
        return true
    }

    /// The statement's results have all been read. Returns whether the next one may start.
    package mutating func end() -> Bool {
        isStatementActive = false
        return !isRequestOnItsWay
    }

    /// The request has been dealt with by the server, or has failed.
    package mutating func requestReturned() {
        isRequestOnItsWay = false
    }
}
