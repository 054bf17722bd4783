/// How waiting for a connection ended.
enum PoolOutcome: Sendable {
    /// The pool has something to give.
    case granted(PostgresPool.Machine.Grant)
    /// The time until which the caller wanted to wait has come.
    case timeUp
    /// The caller's task was cancelled.
    case cancelled
}
