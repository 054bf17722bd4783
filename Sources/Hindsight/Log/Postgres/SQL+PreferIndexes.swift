import HindsightPostgres

extension SQL {
    /// Has the rest of the transaction look rows up rather than scan tables.
    ///
    /// A connection keeps its plans. On a table that was empty when they were made, a scan looked cheapest, and it would be kept
    /// until the server next analyzes the table, however much that has grown by then.
    static var preferIndexes: SQL { "select \(sql: preferringIndexes)" }

    /// The same as an expression, for a statement that selects something else as well.
    static var preferringIndexes: SQL { "set_config('enable_seqscan', 'off', true)" }
}
