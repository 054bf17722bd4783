extension Error {
    /// The SQLSTATE of a server's error; nil for any other error.
    package var sqlState: String? { (self as? PostgresError)?.sqlState }

    /// True if another transaction has the lock: the wait took too long (55P03), or was a deadlock (40P01).
    package var isLockConflict: Bool { sqlState == "55P03" || sqlState == "40P01" }

    /// True if the connection is gone, or the server is shutting down.
    package var isConnectionLoss: Bool {
        guard let error = self as? PostgresError else { return false }
        return [.connectionLost, .connectionFailed, .closed, .commitUnknown].contains(error.code)
            || error.sqlState?.hasPrefix("57P") == true
    }

    /// True for errors that say nothing about a statement's data: transient failures, a server without disk or memory,
    /// a statement that took too long, a cancelled task.
    package var isServerTrouble: Bool {
        guard let error = self as? PostgresError else { return false }
        let isServers = error.sqlState.map {
            $0.hasPrefix("53") || $0.hasPrefix("58") || $0 == "57014" || $0 == "25006"
        }
        return error.isRetriable || error.isOutcomeUnknown || isConnectionLoss || error.code == .cancelled
            || error.code == .timeout || isServers == true
    }
}
