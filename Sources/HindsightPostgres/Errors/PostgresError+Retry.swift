public import HindsightValues

extension PostgresError: RetriableError {
    /// Whether doing the same again, from the start of the transaction and on a new connection if need be, can succeed.
    ///
    /// True for serialization failures and deadlocks, locks that were not available, a server that is starting, stopping or out of
    /// connections, and lost connections. False for ``Code/commitUnknown``: there, doing the same again may do it twice.
    public var isRetriable: Bool {
        switch code {
        case .connectionLost:
            true
        case .connectionFailed, .server, .timeout:
            isStalePlan || Self.isTransient(sqlState: sqlState, code: code)
        default:
            false
        }
    }

    /// True for ``Code/commitUnknown``.
    public var isOutcomeUnknown: Bool { code == .commitUnknown }

    private static func isTransient(sqlState: String?, code: Code) -> Bool {
        guard let sqlState else {
            // Without an SQLSTATE nobody answered: the network or a server that is not there yet.
            return code == .connectionFailed || code == .timeout
        }
        switch sqlState {
        case "40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300":
            return true
        default:
            return sqlState.hasPrefix("08")
        }
    }
}
