import Synchronization

/// Whether a connection can still be used, for any thread to read.
final class ConnectionStatus: Sendable {
    private enum State {
        case usable
        case closed
        case lost(PostgresError)
    }

    private let state = Mutex(State.usable)

    var isUsable: Bool {
        state.withLock {
            switch $0 {
            case .usable: true
            case .closed, .lost: false
            }
        }
    }

    /// Notes that the connection broke. Returns whether that is news.
    func lose(_ error: PostgresError) -> Bool {
        state.withLock {
            switch $0 {
            case .usable:
                $0 = .lost(error)
                return true
            case .closed, .lost:
                return false
            }
        }
    }

    /// Notes that the connection was closed on purpose.
    func close() {
        state.withLock { $0 = .closed }
    }

    /// - Throws: ``PostgresError`` with code `closed` or `connectionLost` if the connection cannot be used.
    func check() throws {
        try state.withLock {
            switch $0 {
            case .usable:
                return
            case .closed:
                throw PostgresError(.closed, "the connection is closed")
            case .lost(let error):
                throw PostgresError(
                    .connectionLost, "the connection was lost before: \(error.message)", sqlState: error.sqlState)
            }
        }
    }
}
