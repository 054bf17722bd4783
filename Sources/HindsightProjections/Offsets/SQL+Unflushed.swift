import HindsightPostgres

extension SQL {
    /// Has the transaction's commit not wait for the disk. After a crash of the server it may be lost, as a whole and together with
    /// everything after it.
    ///
    /// Not `set local`, of which the server says in a pipeline that it is outside of a transaction, although a pipeline is one.
    static var unflushed: SQL { "select set_config('synchronous_commit', 'off', true)" }
}
