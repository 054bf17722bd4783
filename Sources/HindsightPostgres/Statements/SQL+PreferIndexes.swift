extension SQL {
    /// Makes the rest of the transaction look rows up rather than scan tables.
    ///
    /// A connection keeps its plans. If a table was empty when a plan was made, a scan looked cheapest, and would be
    /// kept until the server next analyzes the table, however much the table has grown by then.
    package static var preferIndexes: SQL { "select \(sql: preferringIndexes)" }

    /// The same as an expression, for a statement that selects something else as well.
    package static var preferringIndexes: SQL { "set_config('enable_seqscan', 'off', true)" }

    /// The same for statements that take a list of keys, of any length: one plan suffices for all of them, and making
    /// one for each short list, as the server would, takes longer than the look-ups.
    ///
    /// A plan for any parameters counts on many rows. In a large log the server would compile it, at each execution anew, which takes
    /// a hundred times as long as the look-ups.
    package static var preferKeyLookUps: SQL { "select \(sql: preferringKeyLookUps)" }

    /// The same as an expression, for a statement that selects something else as well.
    package static var preferringKeyLookUps: SQL {
        """
        \(sql: preferringIndexes), set_config('plan_cache_mode', 'force_generic_plan', true), set_config('jit', 'off', true)
        """
    }
}
