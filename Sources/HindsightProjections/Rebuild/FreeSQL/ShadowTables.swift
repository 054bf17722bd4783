import HindsightPostgres

/// The tables in a rebuild's schema, each with the live table whose rows it replaces.
struct ShadowTables: Sendable {
    struct Table: Hashable, Sendable {
        /// The table that the rebuild fills.
        let filled: PostgresIdentifier
        /// The live table of that name.
        let live: PostgresIdentifier
        /// The columns that are written: all except generated ones.
        let columns: [PostgresIdentifier]
    }

    let schema: ShadowSchema
    /// Each table after those to which it refers.
    let tables: [Table]

    /// Finds the tables, by the session's usual search path.
    ///
    /// - Throws: ``ProjectionError`` with `cannotRebuild` when the live rows cannot be replaced, with the reason.
    static func read(
        _ schema: ShadowSchema, of definition: ProjectionDefinition, in session: inout PostgresSession
    ) throws -> ShadowTables {
        let survey = ShadowSurvey(schema: schema, projection: definition.name)
        try survey.checkOthers(in: &session)
        let tables = try survey.tables(in: &session)
        let ordered = try survey.ordered(tables, in: &session)
        for table in ordered { try survey.checkSurroundings(of: table, among: ordered, in: &session) }
        return ShadowTables(schema: schema, tables: ordered)
    }

    // MARK: - Rows

    /// The total number of rows.
    func countRows(in session: inout PostgresSession) throws -> Int64 {
        try tables.reduce(0) { count, table in
            try count
                + session.query("select count(*) from \(identifier: table.filled)")[0].decode(0, as: Int64.self)
        }
    }

    /// Locks the filled tables against all others until the end of the transaction.
    func lock(in session: inout PostgresSession) throws {
        let names = tables.map { table -> SQL in "\(identifier: table.filled)" }
        try session.execute("lock table \(sql: names.joined()) in access exclusive mode")
    }

    /// Replaces the live rows with the new ones. Readers see the old rows until the transaction commits, and wait for
    /// nothing.
    func replaceRows(in session: inout PostgresSession) throws {
        for table in tables.reversed() { try session.execute("delete from \(identifier: table.live)") }
        for table in tables {
            guard !table.columns.isEmpty else { continue }
            let columns = table.columns.map { column -> SQL in "\(identifier: column)" }.joined()
            try session.execute(
                """
                insert into \(identifier: table.live) (\(sql: columns)) overriding system value
                select \(sql: columns) from \(identifier: table.filled)
                """)
        }
        try replaceSequences(in: &session)
    }

    /// Sets the live sequences to the values of those in the schema.
    private func replaceSequences(in session: inout PostgresSession) throws {
        let sequences = try session.query(
            """
            select s.relname::text, t.relname::text, a.attname::text
            from pg_class s
            left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid and d.deptype in ('a', 'i')
                and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0
            left join pg_class t on t.oid = d.refobjid
            left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
            where s.relnamespace = \(sql: schema.oid) and s.relkind = 'S'
            """)
        for row in sequences {
            let name = PostgresIdentifier(try row.decode(0))
            let owner = try row.decode(1, as: String?.self)
            let column = try row.decode(2, as: String?.self)
            let table = tables.first { $0.filled.name == owner }?.live
            let found = try session.query(
                """
                select n.nspname::text, c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind = 'S' and c.oid = case when \(column)::text is null then to_regclass(\(name.quoted))
                    else pg_get_serial_sequence(\(table?.quoted), \(column))::regclass end
                """
            ).first
            guard let found else {
                throw ProjectionError(
                    .cannotRebuild,
                    """
                    setUp makes sequence \(name), and there is none where the projection's statements would find it: undo what has \
                    become of it, or raise the version
                    """)
            }
            let live = PostgresIdentifier(
                schema: PostgresIdentifier(try found.decode(0, as: String.self)), try found.decode(1, as: String.self))
            // Unlike setting a sequence, restarting it is undone when the transaction is rolled back.
            try session.execute("alter sequence \(identifier: live) restart")
            try session.execute(
                """
                select setval(\(live.quoted)::regclass, last_value, is_called) from \(identifier: schema.object(name.name))
                """)
        }
    }
}
