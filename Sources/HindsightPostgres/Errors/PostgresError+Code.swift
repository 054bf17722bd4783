extension PostgresError {
    /// The kind of a ``PostgresError``. New kinds may be added, so a `switch` over it needs a `default`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case connectionFailed = "connection failed"
            case connectionLost = "connection lost"
            case server = "server error"
            case timeout = "timeout"
            case cancelled = "cancelled"
            case commitUnknown = "commit outcome unknown"
            case decoding = "decoding failed"
            case encoding = "encoding failed"
            case misuse = "misuse"
            case closed = "closed"
        }

        private let kind: Kind

        /// No connection could be established.
        public static let connectionFailed = Code(kind: .connectionFailed)
        /// The connection broke; an open transaction was lost.
        public static let connectionLost = Code(kind: .connectionLost)
        /// The server refused a statement; ``PostgresError/sqlState`` says why.
        public static let server = Code(kind: .server)
        /// A time limit passed: the statement timeout, the connect timeout, or the wait for a free connection.
        public static let timeout = Code(kind: .timeout)
        /// The task was cancelled, and with it the statement in progress.
        public static let cancelled = Code(kind: .cancelled)
        /// The connection broke after `COMMIT` was sent: the transaction may or may not have been committed.
        public static let commitUnknown = Code(kind: .commitUnknown)
        /// A value from the server does not fit the requested Swift type.
        public static let decoding = Code(kind: .decoding)
        /// A Swift value cannot be represented on the server.
        public static let encoding = Code(kind: .encoding)
        /// A call that cannot succeed, whatever the state of the server.
        public static let misuse = Code(kind: .misuse)
        /// The connection or the pool has been closed.
        public static let closed = Code(kind: .closed)

        /// The kind in words.
        public var description: String { kind.rawValue }
    }
}
