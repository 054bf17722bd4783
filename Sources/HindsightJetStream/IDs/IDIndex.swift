#if NATS
    public import HindsightPostgres

    /// An index in PostgreSQL of the ids of a log's events, with which they are found for ever and in any stream.
    ///
    /// It is filled by reading the log, so it has the events of all programs, also of those that do not use it. Migration 25 makes its
    /// tables, and `grant_ids(role)` gives a role what it needs. It takes some 100 bytes an event.
    public struct IDIndex: Sendable {
        /// Connections to the database, which somebody else runs.
        public var pool: PostgresPool
        /// The schema of the engine's tables. Defaults to `hindsight`.
        public var schema = "hindsight"

        /// An index in a database.
        ///
        /// - Parameter pool: connections to it.
        public init(pool: PostgresPool) {
            self.pool = pool
        }
    }
#endif
