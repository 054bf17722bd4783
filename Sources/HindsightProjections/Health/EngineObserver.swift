import HindsightLog
import HindsightPostgres

/// Looks at an engine's tables and processes. It only reads.
struct EngineObserver: Sendable {
    let log: any EventLog
    let pool: PostgresPool
    let catalog: ProjectionCatalog
    let store: RebuildStore
    let definitions: [ProjectionDefinition]

    private var names: SchemaNames { catalog.names }

    func look() async throws -> EngineObservations {
        let options = TransactionOptions(.readCommitted, isReadOnly: true)
        var (seen, offsets) = try await pool.withTransaction(options) { session in
            var seen = EngineObservations(schema: names.schema, viewSchema: catalog.viewSchema)
            let offsets = try readShards(&seen, in: &session)
            try readVersions(&seen, in: &session)
            try readProcesses(&seen, in: &session)
            try readRemains(&seen, in: &session)
            return (seen, offsets)
        }
        seen.declared = definitions.map { definition in
            switch definition.kind {
            case .view(let view): .init(name: definition.name, version: definition.version, shape: view.shape)
            case .sql: .init(name: definition.name, version: definition.version)
            }
        }
        for (index, offset) in offsets.enumerated() where seen.shards[index].otherLog == nil {
            do {
                try await log.verify(offset)
            } catch let error where error.isAnchorMismatch {
                seen.shards[index].mismatch = "\(error)"
            }
        }
        return seen
    }

    /// - Returns: where each of them stands.
    private func readShards(
        _ seen: inout EngineObservations, in session: inout PostgresSession
    ) throws -> [Offset] {
        var offsets: [Offset] = []
        let rows = try session.query(
            """
            select o.kind, o.name, o.version, o.position, o.anchor, \(identifier: names.object("is_held"))(o), o.stopped_at, o.error,
                nullif(o.log::text, \(catalog.log)::text),
                (select count(*) from \(identifier: names.object("parked_keys")) k where k.list = o.parked_list),
                coalesce((
                    select sum(k.events) from \(identifier: names.object("parked_keys")) k where k.list = o.parked_list), 0)::bigint
            from \(identifier: names.offsets) o
            left join \(identifier: names.projections) p using (kind, name, version)
            where p.retired_at is null and (o.kind = 'subscription' or p.name is not null or o.position > 0)
            order by o.name, o.version, o.kind
            """)
        for row in rows {
            let position = try row.decode(3, as: Int64.self)
            var shard = EngineObservations.Shard(
                try row.decode(0), try row.decode(1), version: try row.decode(2, as: Int.self), position: position)
            offsets.append(Offset(position: position, anchor: try row.decode(4)))
            shard.isHeld = try row.decode(5)
            shard.stoppedAt = try row.decode(6)
            shard.error = try row.decode(7)
            shard.otherLog = try row.decode(8)
            shard.parked = ParkedCount(keys: try row.decode(9, as: Int.self), events: try row.decode(10))
            seen.shards.append(shard)
        }
        return offsets
    }

    private func readVersions(_ seen: inout EngineObservations, in session: inout PostgresSession) throws {
        seen.versions = try session.query(
            """
            select p.name, p.version, p.kind, p.view_table, p.active, t.oid is not null,
                to_regclass(format('%I.%I', \(catalog.viewSchema)::text, p.name)) is not null, coalesce(t.bytes, 0)
            from \(identifier: names.projections) p
            left join lateral (
                -- As last analyzed: to measure it would wait for whoever has locked the table.
                select c.oid, greatest(c.relpages, 0) * current_setting('block_size')::bigint as bytes from pg_class c
                where c.oid = to_regclass(format('%I.%I', \(names.schema)::text, p.view_table))) t on true
            where p.retired_at is null order by p.name, p.version, p.kind
            """
        ).compactMap { row in
            guard let kind = EngineObservations.Version.Kind(rawValue: try row.decode(2)) else { return nil }
            var version = EngineObservations.Version(
                try row.decode(0), version: try row.decode(1, as: Int.self), kind: kind, table: try row.decode(3))
            version.isActive = try row.decode(4)
            version.hasTable = try row.decode(5)
            version.hasView = try row.decode(6)
            version.bytes = try row.decode(7)
            return version
        }
        seen.indexes = try session.query(
            """
            select i.relname::text, t.relname::text, array(
                    select a.attname::text from unnest(x.indkey::smallint[]) with ordinality k (number, place)
                    join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.number
                    where k.place <= x.indnkeyatts order by k.place),
                x.indisunique, x.indisprimary, x.indisvalid and x.indisready and x.indislive
            from \(identifier: names.projections) p
            join pg_class t on t.oid = to_regclass(format('%I.%I', \(names.schema)::text, p.view_table))
            join pg_index x on x.indrelid = t.oid
            join pg_class i on i.oid = x.indexrelid
            where p.retired_at is null and p.kind <> 'rebuild' and x.indpred is null
                -- What is being built is neither there nor broken.
                and (x.indisvalid or not exists (
                    select from pg_stat_progress_create_index b
                    where b.datname = current_database() and coalesce(b.relid, x.indrelid) = x.indrelid))
            order by i.relname
            """
        ).map {
            EngineObservations.Index(
                try $0.decode(0), on: try $0.decode(1), try $0.decode(2), isUnique: try $0.decode(3),
                isPrimary: try $0.decode(4), isValid: try $0.decode(5))
        }
    }

    private func readProcesses(_ seen: inout EngineObservations, in session: inout PostgresSession) throws {
        seen.nodes = try session.query(
            """
            select \(sql: NodeRecord.columns(names)), n.session_pid,
                extract(epoch from clock_timestamp() - n.renewed_at)::double precision, exists (
                    select from pg_stat_get_activity(n.session_pid) a
                    where coalesce(a.backend_start, n.session_start) = n.session_start)
            from \(identifier: names.nodes) n where n.log = \(catalog.log) order by n.number
            """
        ).map { row in
            let record = try NodeRecord(row)
            var node = EngineObservations.Node(
                record.name, NodeStatus(record, projections: []).state, isConnected: try row.decode(14),
                session: try row.decode(12), silentSeconds: try row.decode(13))
            node.declares = Set(record.projections.map { "\($0.name) \($0.version)" })
            return node
        }
        seen.pauses = try NodeStore(catalog: catalog).pauses(in: &session)
        seen.rebuilds = try store.list(in: &session)
    }

    /// What interrupted work may have left.
    private func readRemains(_ seen: inout EngineObservations, in session: inout PostgresSession) throws {
        // A role that only reads may not look at this one.
        let canRead = try session.query(
            "select has_table_privilege(to_regclass(\(names.discardedTables.quoted)), 'select')")[0].decode(
                0, as: Bool?.self)
        if canRead == true {
            seen.discarded = try session.query(
                """
                select d.name, extract(epoch from clock_timestamp() - d.discarded_at)::double precision, array(
                    select distinct r.ev_class::regclass::text from pg_depend x
                    join pg_rewrite r on x.classid = 'pg_rewrite'::regclass and r.oid = x.objid
                    where x.refclassid = 'pg_class'::regclass and x.refobjid = t.oid)
                from \(identifier: names.discardedTables) d
                join pg_class t on t.oid = to_regclass(format('%I.%I', \(names.schema)::text, d.name))
                order by d.name
                """
            ).map { .init(table: try $0.decode(0), seconds: try $0.decode(1), dependents: try $0.decode(2)) }
            seen.strayTables = try session.query(
                """
                select c.relname::text from pg_class c join pg_namespace s on s.oid = c.relnamespace
                where s.nspname = \(names.schema) and c.relkind = 'r' and c.relname ~ '_v[0-9]+(_[0-9]+)?(_c)?$'
                    and not exists (select from \(identifier: names.projections) p where p.view_table = c.relname)
                    and not exists (select from \(identifier: names.rebuilds) r where r.changes_table = c.relname)
                    and not exists (select from \(identifier: names.discardedTables) d where d.name = c.relname)
                order by c.relname
                """
            ).map { try $0.decode(0, as: String.self) }
        }
        seen.straySchemas = try session.query(
            """
            select s.nspname::text from pg_namespace s
            where s.nspname ~ '_v[0-9]+_fill[0-9]*$'
                and exists (
                    select from \(identifier: names.projections) p where starts_with(s.nspname::text, p.name || '_v'))
                and not exists (select from \(identifier: names.rebuilds) r where r.fill_schema = s.nspname)
            order by s.nspname
            """
        ).map { try $0.decode(0, as: String.self) }
    }
}
