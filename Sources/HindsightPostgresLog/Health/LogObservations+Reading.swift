import HindsightPostgres

extension LogObservations {
    /// Looks at the log's objects, without what only the log can say: who holds the frontier.
    static func read(_ names: SchemaNames, in session: inout PostgresSession) throws -> LogObservations {
        var seen = LogObservations(names: names)
        // Expressions of indexes are written without the schema then.
        try session.execute(
            "select set_config('search_path', \("\(PostgresIdentifier(names.schema).quoted), pg_temp"), true)")
        seen.indexes = try session.query(
            """
            select i.relname::text, t.relname::text, array(
                    select pg_get_indexdef(x.indexrelid, n::integer, true) from generate_series(1, x.indnkeyatts) n),
                x.indisunique, x.indisvalid and x.indisready and x.indislive, exists (
                    select from pg_stat_progress_create_index p
                    -- Of a statement that is hidden from this role the table is not known.
                    where p.datname = current_database() and coalesce(p.relid, x.indrelid) = x.indrelid)
            from pg_index x
            join pg_class i on i.oid = x.indexrelid
            join pg_class t on t.oid = x.indrelid
            join pg_namespace s on s.oid = t.relnamespace
            -- One with a condition does not serve all events. To write an index down the server locks its table, so that those of
            -- views, which may be locked for long, are not looked at here.
            where s.nspname = \(names.schema) and t.relname = 'events' and x.indpred is null
            order by i.relname
            """
        ).map { row in
            let index = Index(
                try row.decode(0), on: try row.decode(1), try row.decode(2), isUnique: try row.decode(3),
                isValid: try row.decode(4))
            if !index.isValid, try row.decode(5, as: Bool.self) { seen.indexesInProgress.insert(index.name) }
            return index
        }
        // The highest position first: what is drawn in between is higher.
        seen.highest = try session.query("select coalesce(max(position), 0) from \(identifier: names.events)")[0]
            .decode(0)
        let sequence = try session.query(
            """
            select coalesce(pg_sequence_last_value(s.seqrelid), 0), s.seqincrement, s.seqcache, s.seqcycle
            from pg_sequence s where s.seqrelid = to_regclass(\(names.positions.quoted))
            """
        ).first
        if let sequence {
            seen.sequence = Sequence(last: try sequence.decode(0))
            seen.sequence.increment = try sequence.decode(1)
            seen.sequence.cache = try sequence.decode(2)
            seen.sequence.isCyclic = try sequence.decode(3)
        }
        seen.identities = try session.query("select count(*) from \(identifier: names.logIdentity)")[0].decode(
            0, as: Int.self)
        seen.unloggedTables = try session.query(
            """
            select c.relname::text from pg_class c join pg_namespace s on s.oid = c.relnamespace
            where s.nspname = \(names.schema) and c.relkind = 'r' and c.relpersistence = 'u'
                and c.relname in (
                    'events', 'log_identity', 'offsets', 'projections', 'parked_keys', 'parked_events', 'handled_events')
            order by c.relname
            """
        ).map { try $0.decode(0, as: String.self) }
        seen.hidesRows = try session.query(
            "select coalesce((select c.relrowsecurity from pg_class c where c.oid = to_regclass(\(names.events.quoted))), false)"
        )[0].decode(0)
        seen.futureSeconds = try session.query(
            """
            select coalesce((
                select extract(epoch from e.recorded_at - clock_timestamp())::double precision from (
                    select l.recorded_at from \(identifier: names.events) l order by l.position desc limit 1) e
                where isfinite(e.recorded_at)), 0)
            """)[0].decode(0)
        return seen
    }
}
