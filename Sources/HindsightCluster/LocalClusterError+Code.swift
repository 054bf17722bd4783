extension LocalClusterError {
    /// The kind of a failure. Later versions may add kinds.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case programsNotFound
            case noUnprivilegedUser
            case unsuitableFolder
            case wrongVersion
            case initializationFailed
            case startFailed
            case stopFailed
        }

        private let kind: Kind

        /// No complete set of PostgreSQL's server programs (`initdb`, `pg_ctl`, `postgres`, `psql`) is installed.
        public static let programsNotFound = Code(kind: .programsNotFound)
        /// The process runs as root, and the system has no other user as which to run the server.
        public static let noUnprivilegedUser = Code(kind: .noUnprivilegedUser)
        /// The folder cannot be created, belongs to another user, is accessible to others, or holds unrelated files.
        public static let unsuitableFolder = Code(kind: .unsuitableFolder)
        /// The data was written by a major version of PostgreSQL that is not installed.
        public static let wrongVersion = Code(kind: .wrongVersion)
        /// `initdb` failed, or the database could not be created.
        public static let initializationFailed = Code(kind: .initializationFailed)
        /// The server did not start.
        public static let startFailed = Code(kind: .startFailed)
        /// The server did not stop.
        public static let stopFailed = Code(kind: .stopFailed)

        /// The name of the kind.
        public var description: String { kind.rawValue }
    }
}
