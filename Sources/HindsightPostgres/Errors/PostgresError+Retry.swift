public import HindsightValues

extension PostgresError: RetriableError {
    /// Whether a retry, from the start of the transaction and on a new connection if need be, can succeed.
    ///
    /// True for transient errors: serialization failures and deadlocks, locks that were not available, lost
    /// connections, a server that is starting, stopping, read-only, or out of connections, memory or disk, and a
    /// statement that an operator cancelled. False for everything that would fail in the same way again, including a
    /// statement that takes too long, and for ``Code/commitUnknown``, where a retry may repeat work that was committed.
    public var isRetriable: Bool {
        if let passesByItself { return passesByItself }
        return switch code {
        case .connectionLost: true
        case .connectionFailed, .server, .timeout: isStalePlan || isTransient
        default: false
        }
    }

    /// True for ``Code/commitUnknown``.
    public var isOutcomeUnknown: Bool { code == .commitUnknown }

    /// See "PostgreSQL Error Codes" in PostgreSQL's manual.
    private var isTransient: Bool {
        guard let sqlState else {
            // Without an SQLSTATE, no server answered: the network failed, or the server is not up yet.
            return code == .connectionFailed || code == .timeout
        }
        switch sqlState {
        case "40001", "40P01", "55P03", "57P01", "57P02", "57P03", "72000":
            return true
        case "53000", "53100", "53200", "53300", "58000", "58030":
            // The server's resources. A configured limit (53400) does not change.
            return true
        case "57014":
            // Cancelled neither by a time limit nor by us, so by an operator.
            return code == .server
        case "08007":
            // The outcome is unknown.
            return false
        case "08P01":
            // Poolers refuse connections with it; a server reports an invalid message with it.
            return code == .connectionFailed
        case "25P02":
            return (underlying as? PostgresError)?.isRetriable ?? false
        default:
            return sqlState.hasPrefix("08")
        }
    }
}
