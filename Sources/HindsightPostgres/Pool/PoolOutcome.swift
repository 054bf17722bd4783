/// How a wait for a connection ended.
enum PoolOutcome: Sendable {
    /// The pool has something to give.
    case granted(PostgresPool.Machine.Grant)
    /// The caller's time limit has passed.
    case timeUp
    /// The caller's task was cancelled.
    case cancelled
}
