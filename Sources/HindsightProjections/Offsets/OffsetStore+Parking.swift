import HindsightPostgres

extension OffsetStore {
    /// The keys that are parked for a shard, as texts.
    func parkedKeys(of key: ShardKey) -> SQL {
        """
        select p.key from \(identifier: names.object("parked_keys")) p
        where p.list = \(sql: call("parked_list", row(key)))
        """
    }

    func parkedKeys(of key: ShardKey, in session: inout PostgresSession) throws -> [String] {
        try session.query(parkedKeys(of: key)).map { try $0.decode(0) }
    }

    /// Notes events for parked keys, in the transaction that moves the offset.
    func park(_ notes: ParkedNotes, of key: ShardKey) -> SQL {
        """
        select \(sql: call("park_events", """
            \(sql: row(key)), \(notes.keys)::text[], \(notes.positions)::bigint[], \(notes.errors)::text[], \
            \(notes.counts)::bigint[]
            """))
        """
    }

    /// Forgets what is noted for keys, in the transaction that writes their rows.
    func unpark(_ keys: [String], of key: ShardKey) -> SQL {
        "select \(sql: call("unpark_keys", "\(sql: row(key)), \(keys)::text[]"))"
    }

    /// Forgets what is parked of rows that are dropped.
    func forgetParked(of key: ShardKey, in session: inout PostgresSession) throws {
        _ = try session.query("select \(sql: call("clear_parked", row(key)))")
    }

    /// How many keys are parked for a shard, and how many events are noted for them.
    func parkedCount(of key: ShardKey, in session: inout PostgresSession) throws -> ParkedCount {
        let row = try session.query(
            """
            select count(*), coalesce(sum(p.events), 0)::bigint from \(identifier: names.object("parked_keys")) p
            where p.list = \(sql: call("parked_list", row(key)))
            """)[0]
        return ParkedCount(keys: try row.decode(0, as: Int.self), events: try row.decode(1))
    }

    /// Checks that rows do not replace rows that lack less: no more keys may be parked than before.
    ///
    /// - Throws: ``ProjectionError`` with `moreParked`.
    func checkParked(of key: ShardKey, insteadOf shown: ShardKey?, in session: inout PostgresSession) throws {
        guard let shown else { return }
        let new = try parkedCount(of: key, in: &session)
        let old = try parkedCount(of: shown, in: &session)
        guard new.keys > old.keys else { return }
        throw ProjectionError(
            .moreParked,
            """
            projection "\(key.name)" would show \(new.keys) parked keys in place of \(old.keys): mend the fold and rebuild with \
            --restart, or show the rows as they are by a rebuild with --allow-parked
            """)
    }
}
