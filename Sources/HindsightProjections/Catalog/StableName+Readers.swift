import HindsightPostgres

extension StableName {
    /// Grants every role that may read the table the view shows now the right to read the table it will show.
    ///
    /// The rows are read with the rights of the view's owner or, where the view has `security_invoker`, of the role
    /// that queries it.
    func admitReaders(in session: inout PostgresSession) throws {
        let statements = try session.query(
            """
            with shown as (
                select distinct t.oid, t.relowner, t.relacl
                from pg_rewrite r
                join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                    and d.refclassid = 'pg_class'::regclass
                join pg_class t on t.oid = d.refobjid and t.relkind = 'r'
                where r.ev_class = to_regclass(\(location.stableName.quoted)) and t.oid <> to_regclass(\(table)))
            select format('grant select on %s to %s%s', \(table)::text, \(sql: .grantee), \(sql: .grantOption))
            from shown s cross join lateral aclexplode(s.relacl) a
            where a.privilege_type = 'SELECT' and a.grantee <> s.relowner
            union all
            select format('grant select (%I) on %s to %s%s', c.attname, \(table)::text, \(sql: .grantee), \(sql: .grantOption))
            from shown s
            join pg_attribute c on c.attrelid = s.oid and c.attnum > 0 and not c.attisdropped
            join pg_attribute n on n.attrelid = to_regclass(\(table)) and n.attname = c.attname and not n.attisdropped
            cross join lateral aclexplode(c.attacl) a
            where a.privilege_type = 'SELECT' and a.grantee <> s.relowner
            """
        ).map { SQL(unsafeSQL: try $0.decode(0)) }
        for statement in statements { try session.execute(statement) }
    }

    private var table: String { location.table.quoted }
}

extension SQL {
    /// The holder of the right `a` of `aclexplode`, as `GRANT` and `REVOKE` name a role.
    static let grantee: SQL =
        "case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end"
    /// The grant option of the right `a`, as `GRANT` spells it.
    static let grantOption: SQL = "case when a.is_grantable then ' with grant option' else '' end"
}
