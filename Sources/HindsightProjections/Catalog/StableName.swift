package import HindsightPostgres

/// The view that SQL clients read from: it shows the table of one version at a time.
///
/// Everything that users have set on the view stays when it shows another table: its owner, options such as
/// `security_barrier`, rights on it and on its columns, comments. Settings of a column disappear with the column. Roles
/// that may read the table that was shown may read the next one.
package struct StableName: Sendable {
    let location: ViewLocation

    private var view: PostgresIdentifier { location.stableName }

    package init(_ location: ViewLocation) {
        self.location = location
    }

    /// Shows the location's table, in the session's transaction.
    ///
    /// - Throws: ``ProjectionError`` with `nameTaken` when something else has the name; a `PostgresError`, with the
    ///   state `42501` if the view belongs to a role of which the current one is not a member.
    package func show(in session: inout PostgresSession) throws {
        guard try isOurs(in: &session) else {
            throw ProjectionError(
                .nameTaken,
                "\(view) is not a view of this engine, so it cannot be the stable name of a projection: rename one of them"
            )
        }
        try session.createSchemaIfMissing(PostgresIdentifier(view.schema ?? "public"))
        try admitReaders(in: &session)
        let definition: SQL =
            "view \(identifier: view) \(sql: try options(in: &session)) as select * from \(identifier: location.table)"
        do {
            // Keeps everything set on the view, except the options, which are part of the definition.
            try session.withSavepoint { session in
                _ = try session.execute("create or replace \(sql: definition)")
            }
        } catch let error where error.sqlState == "42P16" {
            // Columns that were renamed, retyped or removed cannot be replaced.
            let description = try StableNameDescription(of: location, in: &session)
            try session.execute("drop view \(identifier: view)")
            try session.execute("create \(sql: definition)")
            try description.apply(in: &session)
        }
    }

    /// The view's options, in the form that its definition takes.
    private func options(in session: inout PostgresSession) throws -> SQL {
        let list = try session.query(
            """
            select string_agg(format('%I = %L', o.option_name, o.option_value), ', ')
            from pg_class c cross join lateral pg_options_to_table(c.reloptions) o
            where c.oid = to_regclass(\(view.quoted))
            """)[0].decode(0, as: String?.self)
        return list.map { SQL(unsafeSQL: "with (\($0))") } ?? ""
    }

    /// True if the stable name is free, or belongs to a view over a version of the projection.
    private func isOurs(in session: inout PostgresSession) throws -> Bool {
        let versions = "\(view.name)_v"
        let found = try session.query(
            """
            select c.relkind = 'v' and exists (
                select from pg_rewrite r
                join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                    and d.refclassid = 'pg_class'::regclass
                join pg_class t on t.oid = d.refobjid and t.relkind = 'r' and starts_with(t.relname::text, \(versions))
                join pg_namespace n on n.oid = t.relnamespace and n.nspname = \(location.table.schema)
                where r.ev_class = c.oid)
            from pg_class c where c.oid = to_regclass(\(view.quoted))
            """
        ).first
        return try found?.decode(0, as: Bool.self) ?? true
    }
}
