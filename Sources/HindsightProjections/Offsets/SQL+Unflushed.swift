import HindsightPostgres

extension SQL {
    /// Makes the transaction's commit not wait for the disk. A server crash may lose it, as a whole and together with
    /// everything after it.
    ///
    /// Not `set local`: in a pipeline, the server warns that it is outside of a transaction, although a pipeline is
    /// one.
    static var unflushed: SQL { "select set_config('synchronous_commit', 'off', true)" }
}
