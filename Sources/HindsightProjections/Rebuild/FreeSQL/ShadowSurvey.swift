import HindsightPostgres

/// Checks in the catalog, before a rebuild relies on a schema's tables, that their rows can replace the live ones.
struct ShadowSurvey {
    let schema: ShadowSchema
    let projection: String

    private func refusal(_ reason: String, _ remedy: String) -> ProjectionError {
        ProjectionError(
            .cannotRebuild,
            """
            projection "\(projection)" writes tables of its own, and \(reason), so its rebuild cannot put new rows in the place of old \
            ones. \(remedy)
            """)
    }

    /// Only tables, with their indexes, constraints and sequences, can be filled elsewhere.
    func checkOthers(in session: inout PostgresSession) throws {
        let other = try session.query(
            """
            select pg_describe_object(d.classid, d.objid, 0)
            from pg_depend d left join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid
            where d.refclassid = 'pg_namespace'::regclass and d.refobjid = \(sql: schema.oid)
                and coalesce(c.relkind::text, '') not in ('r', 'p', 'S')
            union all
            select pg_describe_object('pg_trigger'::regclass, t.oid, 0)
            from pg_trigger t join pg_class c on c.oid = t.tgrelid
            where c.relnamespace = \(sql: schema.oid) and not t.tgisinternal
            union all
            select pg_describe_object('pg_rewrite'::regclass, r.oid, 0)
            from pg_rewrite r join pg_class c on c.oid = r.ev_class
            where c.relnamespace = \(sql: schema.oid) and c.relkind in ('r', 'p')
            union all
            -- Its rows would be exchanged with it and with its parent.
            select pg_describe_object('pg_class'::regclass, c.oid, 0) || ' inherits another one'
            from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where c.relnamespace = \(sql: schema.oid) and c.relkind in ('r', 'p') and not c.relispartition
            limit 1
            """
        ).first
        guard let other else { return }
        throw refusal(
            "its setUp makes more than tables (\(try other.decode(0, as: String.self)))",
            "Make it outside of the projection, or reset the projection to have it fold the log from the beginning")
    }

    func tables(in session: inout PostgresSession) throws -> [ShadowTables.Table] {
        let found = try session.query(
            """
            select c.relname::text, n.nspname::text, l.relname::text
            from pg_class c
            left join pg_class l on l.oid = to_regclass(quote_ident(c.relname)) and l.relkind in ('r', 'p')
            left join pg_namespace n on n.oid = l.relnamespace
            where c.relnamespace = \(sql: schema.oid) and c.relkind in ('r', 'p') and not c.relispartition
            order by c.relname
            """)
        guard !found.isEmpty else {
            throw refusal(
                "its setUp makes no table in a schema that was made for it",
                "Let it make its tables by names without a schema, and raise the version")
        }
        return try found.map { row in
            let name = try row.decode(0, as: String.self)
            guard let liveSchema = try row.decode(1, as: String?.self) else {
                throw refusal(
                    "there is no table \"\(name)\" where its statements would find it",
                    "If setUp drops it before it makes it, take that out; else undo what has become of it, or raise the version"
                )
            }
            let live = PostgresIdentifier(schema: PostgresIdentifier(liveSchema), try row.decode(2, as: String.self))
            return try table(schema.object(name), live, in: &session)
        }
    }

    private func table(
        _ filled: PostgresIdentifier, _ live: PostgresIdentifier, in session: inout PostgresSession
    ) throws -> ShadowTables.Table {
        struct Column: Hashable {
            var name: String
            var type: String
            var isGenerated: Bool
        }
        func columns(of table: PostgresIdentifier) throws -> [Column] {
            try session.query(
                """
                select attname::text, format_type(atttypid, atttypmod), attgenerated <> '' from pg_attribute
                where attrelid = to_regclass(\(table.quoted)) and attnum > 0 and not attisdropped order by attnum
                """
            ).map { Column(name: try $0.decode(0), type: try $0.decode(1), isGenerated: try $0.decode(2)) }
        }
        let (made, found) = (try columns(of: filled), try columns(of: live))
        guard Set(made) == Set(found) else {
            func list(_ columns: [Column]) -> String { columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ") }
            throw refusal(
                "table \(live) has the columns (\(list(found))), where its setUp makes (\(list(made)))",
                "Undo the change, or raise the version")
        }
        return ShadowTables.Table(
            filled: filled, live: live,
            columns: made.filter { !$0.isGenerated }.map { PostgresIdentifier($0.name) })
    }

    /// Tables come before those that refer to them.
    func ordered(
        _ tables: [ShadowTables.Table], in session: inout PostgresSession
    ) throws -> [ShadowTables.Table] {
        let references = try session.query(
            """
            select c.relname::text, p.relname::text
            from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class p on p.oid = k.confrelid
            where k.contype = 'f' and k.conparentid = 0 and c.relnamespace = \(sql: schema.oid)
                and p.relnamespace = \(sql: schema.oid) and k.conrelid <> k.confrelid
            """
        ).map { (child: try $0.decode(0, as: String.self), parent: try $0.decode(1, as: String.self)) }
        var ordered: [ShadowTables.Table] = []
        var rest = tables
        while !rest.isEmpty {
            let ready = rest.filter { table in
                !references.contains { reference in
                    reference.child == table.filled.name && rest.contains { $0.filled.name == reference.parent }
                }
            }
            guard !ready.isEmpty else {
                throw refusal(
                    "its tables refer to one another in a circle (\(rest.map(\.filled.name).joined(separator: ", ")))",
                    "Take a foreign key out of setUp and raise the version, or reset the projection to have it fold the log from the beginning"
                )
            }
            ordered += ready
            rest.removeAll(where: ready.contains)
        }
        return ordered
    }

    /// Nothing else may depend on the rows that are exchanged, or be triggered by each of them.
    func checkSurroundings(
        of table: ShadowTables.Table, among tables: [ShadowTables.Table], in session: inout PostgresSession
    ) throws {
        let others = tables.map { table -> SQL in "to_regclass(\(table.live.quoted))" }
        let obstacle = try session.query(
            """
            select pg_describe_object('pg_constraint'::regclass, oid, 0) from pg_constraint
            where contype = 'f' and conparentid = 0 and confrelid = to_regclass(\(table.live.quoted))
                and conrelid not in (\(sql: others.joined()))
            union all
            select pg_describe_object('pg_trigger'::regclass, oid, 0) from pg_trigger
            where tgrelid = to_regclass(\(table.live.quoted)) and not tgisinternal and tgenabled <> 'D'
            union all
            select pg_describe_object('pg_rewrite'::regclass, oid, 0) from pg_rewrite
            where ev_class = to_regclass(\(table.live.quoted))
            limit 1
            """
        ).first
        guard let obstacle else { return }
        throw refusal(
            "table \(table.live) has got \(try obstacle.decode(0, as: String.self)), for which each of its rows would come and go",
            "Drop it and make it again afterwards, or reset the projection to have it fold the log from the beginning")
    }
}
