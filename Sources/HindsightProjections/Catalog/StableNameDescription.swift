import HindsightPostgres

/// The settings of a view, for the view that replaces it: owner, rights and comments.
struct StableNameDescription {
    private let view: PostgresIdentifier
    /// Statements, in order: the owner comes first, so that the owner grants the rights.
    private let owner: [SQL]
    private let rightsAndComments: [SQL]

    /// Reads the settings, without those of columns that the location's table lacks.
    init(of location: ViewLocation, in session: inout PostgresSession) throws {
        view = location.stableName
        owner = try Self.owner(of: view, in: &session)
        rightsAndComments =
            try Self.rights(on: view, in: &session)
            + Self.columnRights(location, in: &session)
            + Self.comments(location, in: &session)
    }

    /// Applies the settings to the view that has the name now.
    func apply(in session: inout PostgresSession) throws {
        for statement in owner { try session.execute(statement) }
        // Rights that the new view got from default privileges are not among the old one's settings.
        for statement in try Self.defaultRights(on: view, in: &session) { try session.execute(statement) }
        for statement in rightsAndComments { try session.execute(statement) }
    }

    private static func statements(_ query: SQL, in session: inout PostgresSession) throws -> [SQL] {
        try session.query(query).map { SQL(unsafeSQL: try $0.decode(0)) }
    }

    private static func owner(of view: PostgresIdentifier, in session: inout PostgresSession) throws -> [SQL] {
        try statements(
            """
            select format('alter view %s owner to %I', \(view.quoted)::text, pg_get_userbyid(c.relowner))
            from pg_class c
            where c.oid = to_regclass(\(view.quoted)) and pg_get_userbyid(c.relowner) <> current_user
            """, in: &session)
    }

    /// Rights on the whole view. The owner's are listed only if they were ever changed.
    private static func rights(on view: PostgresIdentifier, in session: inout PostgresSession) throws -> [SQL] {
        try statements(
            """
            select statement from (
                select 1 as step, format('revoke all on %s from %I', \(view.quoted)::text, pg_get_userbyid(c.relowner))
                    as statement
                from pg_class c where c.oid = to_regclass(\(view.quoted)) and c.relacl is not null
                union all
                select 2, format('grant %s on %s to %s%s', string_agg(distinct a.privilege_type, ', '),
                    \(view.quoted)::text, \(sql: .grantee), \(sql: .grantOption))
                from pg_class c cross join lateral aclexplode(c.relacl) a
                where c.oid = to_regclass(\(view.quoted))
                group by a.grantee, a.is_grantable) s
            order by step
            """, in: &session)
    }

    private static func columnRights(
        _ location: ViewLocation, in session: inout PostgresSession
    ) throws -> [SQL] {
        try statements(
            """
            select format('grant %s (%I) on %s to %s%s', a.privilege_type, c.attname, \(location.stableName.quoted)::text,
                \(sql: .grantee), \(sql: .grantOption))
            from \(sql: columns(location)) c cross join lateral aclexplode(c.attacl) a
            """, in: &session)
    }

    private static func comments(_ location: ViewLocation, in session: inout PostgresSession) throws -> [SQL] {
        let view = location.stableName.quoted
        return try statements(
            """
            select format('comment on view %s is %L', \(view)::text, d.description)
            from pg_description d
            where d.classoid = 'pg_class'::regclass and d.objoid = to_regclass(\(view)) and d.objsubid = 0
            union all
            select format('comment on column %s.%I is %L', \(view)::text, c.attname, d.description)
            from \(sql: columns(location)) c
            join pg_description d on d.classoid = 'pg_class'::regclass and d.objoid = c.attrelid and d.objsubid = c.attnum
            """, in: &session)
    }

    /// Revokes the rights that the replacing view got by default; its owner's own rights stay.
    private static func defaultRights(
        on view: PostgresIdentifier, in session: inout PostgresSession
    ) throws -> [SQL] {
        try statements(
            """
            select distinct format('revoke all on %s from %s', \(view.quoted)::text, \(sql: .grantee))
            from pg_class c cross join lateral aclexplode(c.relacl) a
            where c.oid = to_regclass(\(view.quoted)) and a.grantee <> c.relowner
            """, in: &session)
    }

    /// The view's columns that the table has as well.
    private static func columns(_ location: ViewLocation) -> SQL {
        """
        (select v.attrelid, v.attnum, v.attname, v.attacl from pg_attribute v
            join pg_attribute t on t.attname = v.attname and t.attrelid = to_regclass(\(location.table.quoted))
                and t.attnum > 0 and not t.attisdropped
            where v.attrelid = to_regclass(\(location.stableName.quoted)) and v.attnum > 0 and not v.attisdropped)
        """
    }
}
