public import HindsightValues

extension PostgresError: RetriableError {
    /// Whether doing the same again, from the start of the transaction and on a new connection if need be, can succeed.
    ///
    /// True for what may pass by itself: serialization failures and deadlocks, locks that were not available, lost connections, a
    /// server that is starting, stopping, only reading, or out of connections, memory or disk, and a statement that an operator
    /// cancelled. False for everything that would fail in the same way again, a statement that takes too long included, and for
    /// ``Code/commitUnknown``: there, doing the same again may do it twice.
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
            // Without an SQLSTATE nobody answered: the network or a server that is not there yet.
            return code == .connectionFailed || code == .timeout
        }
        switch sqlState {
        case "40001", "40P01", "55P03", "57P01", "57P02", "57P03", "72000":
            return true
        case "53000", "53100", "53200", "53300", "58000", "58030":
            // The server's resources. A limit that is configured (53400) stays as it is.
            return true
        case "57014":
            // Not by a time limit and not by us, so by an operator.
            return code == .server
        case "08007":
            // The outcome is unknown.
            return false
        case "08P01":
            // Poolers refuse connections by it; to a server it is a message that cannot be understood.
            return code == .connectionFailed
        case "25P02":
            return (underlying as? PostgresError)?.isRetriable ?? false
        default:
            return sqlState.hasPrefix("08")
        }
    }
}
