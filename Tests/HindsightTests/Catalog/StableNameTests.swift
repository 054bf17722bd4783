import Hindsight
import HindsightPostgres
import HindsightProjections
import HindsightTestSupport
import Testing

/// A stable name that shows one version's table after the other, and what its users have said of it meanwhile.
@Suite("What was said of a stable name", .timeLimit(.minutes(2)))
struct StableNameTests {
    /// How the second table differs from the first.
    enum Change: CaseIterable, Sendable {
        /// Another column at the end: the view is replaced where it is.
        case added
        /// A column less, and another type: the view is dropped and made anew.
        case retyped

        var columns: String {
            switch self {
            case .added: #""the id" bigint, "a%s ""b""\" text, gone text, more text"#
            case .retyped: #""the id" text, more text, "a%s ""b""\" text"#
            }
        }
    }

    private static let name = "Caf\u{e9} \"x\" %I \\"
    private static let engine = "My \"engine\""

    private struct Roles {
        let owner: PostgresIdentifier
        let reader: PostgresIdentifier
        let other: PostgresIdentifier
    }

    private func location(_ version: Int) -> ViewLocation {
        ViewLocation(
            name: Self.name, table: ViewLocation.tableName(Self.name, version: version, number: 1),
            engineSchema: Self.engine, viewSchema: "public")
    }

    private var view: String { location(1).stableName.quoted }

    /// Runs a test on a database in which version 1 is shown, in a transaction that is rolled back.
    private func withView(
        _ change: Change, _ body: @escaping @Sendable (inout PostgresSession, Roles) throws -> Void
    ) async throws {
        struct Done: Error {}
        let pool = PostgresPool(
            configuration: PostgresConfiguration(try await TestCluster.shared.makeDatabase()), maximumConnections: 1,
            logger: LogFixture.logger)
        let result: Result<Void, any Error>
        do {
            // The roles belong to the whole server; they are gone with the transaction.
            try await pool.withTransaction { session in
                let number = UInt64.random(in: 0 ... .max)
                let names = ["Owner", "Reader", "Other"].map { PostgresIdentifier("\($0) \"\(number)\"") }
                let roles = Roles(owner: names[0], reader: names[1], other: names[2])
                for role in names { try session.script("create role \(role.quoted)") }
                try session.script(
                    """
                    create schema \(PostgresIdentifier(Self.engine).quoted);
                    grant usage, create on schema public to \(roles.owner.quoted);
                    grant usage on schema \(PostgresIdentifier(Self.engine).quoted) to public;
                    create table \(location(1).table.quoted) ("the id" bigint, "a%s ""b""\\" text, gone text);
                    create table \(location(2).table.quoted) (\(change.columns));
                    insert into \(location(2).table.quoted) ("the id") values ('7');
                    """)
                try StableName(location(1)).show(in: &session)
                try body(&session, roles)
                throw Done()
            }
            result = .success(())
        } catch is Done {
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await pool.close()
        try result.get()
    }

    /// All that the server knows of the view, a line each.
    private func facts(_ session: inout PostgresSession) throws -> [String] {
        try session.query(
            """
            select fact from (
                select 'owner ' || pg_get_userbyid(relowner) as fact from pg_class where oid = to_regclass(\(view))
                union all
                select 'option ' || unnest(reloptions) from pg_class where oid = to_regclass(\(view))
                union all
                select format('right %s %s %s', case when a.grantee = 0 then 'public' else pg_get_userbyid(a.grantee) end,
                    a.privilege_type, a.is_grantable)
                from pg_class c cross join lateral aclexplode(c.relacl) a where c.oid = to_regclass(\(view))
                union all
                select format('right on %s: %s %s %s', t.attname, pg_get_userbyid(a.grantee), a.privilege_type, a.is_grantable)
                from pg_attribute t cross join lateral aclexplode(t.attacl) a where t.attrelid = to_regclass(\(view))
                union all
                select format('comment on %s: %s', coalesce(t.attname::text, 'all'), d.description)
                from pg_description d left join pg_attribute t on t.attrelid = d.objoid and t.attnum = d.objsubid and t.attnum > 0
                where d.classoid = 'pg_class'::regclass and d.objoid = to_regclass(\(view))) f
            order by fact collate "C"
            """
        ).map { try $0.decode(0) }
    }

    @Test("stays when the name shows another table", arguments: Change.allCases)
    func everythingStays(_ change: Change) async throws {
        try await withView(change) { session, roles in
            try session.script(
                """
                alter view \(view) set (security_barrier = true, check_option = local);
                alter view \(view) owner to \(roles.owner.quoted);
                grant select, update on \(view) to \(roles.reader.quoted) with grant option;
                grant insert on \(view) to \(roles.reader.quoted);
                grant select on \(view) to public;
                revoke delete on \(view) from \(roles.owner.quoted);
                grant update ("the id"), select ("a%s ""b""\\") on \(view) to \(roles.other.quoted);
                grant update ("a%s ""b""\\") on \(view) to \(roles.other.quoted) with grant option;
                grant update (gone) on \(view) to \(roles.other.quoted);
                comment on view \(view) is E'who''s \\\\ "who" %s';
                comment on column \(view)."a%s ""b""\\" is 'the b';
                comment on column \(view).gone is 'soon';
                """)
            try session.script("grant select on \(location(1).table.quoted) to \(roles.owner.quoted)")
            let before = try facts(&session)
            try StableName(location(2)).show(in: &session)
            let after = try facts(&session)
            // The view's owner, with whose rights it reads, may read the table that it shows now.
            let shown: String = try session.query("select \"the id\"::text from \(unsafeSQL: view)")[0].decode(0)
            #expect(shown == "7")
            switch change {
            case .added: #expect(after == before)
            case .retyped: #expect(after == before.filter { !$0.contains(" on gone: ") })
            }
            #expect(after.contains("option security_barrier=true") && after.contains("comment on a%s \"b\"\\: the b"))
        }
    }

    @Test("means no rights that default privileges would give", arguments: Change.allCases, [true, false])
    func defaultPrivileges(_ change: Change, hasRights: Bool) async throws {
        try await withView(change) { session, roles in
            if hasRights { try session.script("grant select on \(view) to \(roles.reader.quoted)") }
            try session.script(
                """
                alter default privileges in schema public grant select, insert on tables to \(roles.other.quoted);
                alter default privileges grant update on tables to \(roles.reader.quoted)
                """)
            let before = try facts(&session).filter { !$0.hasPrefix("right postgres ") }
            try StableName(location(2)).show(in: &session)
            let after = try facts(&session).filter { !$0.hasPrefix("right postgres ") }
            #expect(after == before)
        }
    }

    @Test("is not lost when the role may not replace the view", arguments: Change.allCases)
    func roleWithoutRights(_ change: Change) async throws {
        try await withView(change) { session, roles in
            try session.script(
                """
                grant select on \(view) to \(roles.reader.quoted);
                grant create on schema public to \(roles.other.quoted);
                grant select on \(location(2).table.quoted) to \(roles.other.quoted)
                """)
            let before = try facts(&session)
            let error = #expect(throws: PostgresError.self) {
                try session.withSavepoint { session in
                    try session.script("set local role \(roles.other.quoted)")
                    try StableName(location(2)).show(in: &session)
                }
            }
            #expect(error?.sqlState == "42501")
            let after = try facts(&session)
            #expect(after == before)
        }
    }

    @Test("goes to a view that a member of the owner's role replaces", arguments: Change.allCases)
    func memberOfTheOwner(_ change: Change) async throws {
        try await withView(change) { session, roles in
            try session.script(
                """
                alter view \(view) owner to \(roles.owner.quoted);
                grant select on \(view) to \(roles.reader.quoted);
                grant \(roles.owner.quoted) to \(roles.other.quoted);
                grant select on \(location(2).table.quoted) to \(roles.owner.quoted), \(roles.other.quoted)
                """)
            let before = try facts(&session)
            try session.script("set local role \(roles.other.quoted)")
            try StableName(location(2)).show(in: &session)
            try session.script("reset role")
            let after = try facts(&session)
            #expect(after == before)
        }
    }

    @Test("includes that the readers of the table may read the next one", arguments: Change.allCases)
    func readersOfTheTable(_ change: Change) async throws {
        try await withView(change) { session, roles in
            try session.script(
                """
                grant select on \(location(1).table.quoted) to \(roles.owner.quoted) with grant option;
                grant select ("the id", gone), update (gone) on \(location(1).table.quoted) to \(roles.reader.quoted)
                """)
            try StableName(location(2)).show(in: &session)
            let rights = try session.query(
                """
                select has_table_privilege(\(roles.owner.name), c.oid, 'select with grant option'),
                    has_column_privilege(\(roles.reader.name), c.oid, 'the id', 'select'),
                    has_column_privilege(\(roles.reader.name), c.oid, 'more', 'select'),
                    has_any_column_privilege(\(roles.reader.name), c.oid, 'update'),
                    has_any_column_privilege(\(roles.other.name), c.oid, 'select')
                from pg_class c where c.oid = to_regclass(\(location(2).table.quoted))
                """)[0]
            let found = try (0..<5).map { try rights.decode($0, as: Bool.self) }
            #expect(found == [true, true, false, false, false])
        }
    }

    @Test("Something else of the name is left alone")
    func somethingElse() async throws {
        try await withView(.added) { session, _ in
            try session.script("drop view \(view); create view \(view) as select 1 as one")
            let error = #expect(throws: ProjectionError.self) { try StableName(location(2)).show(in: &session) }
            #expect(error?.code == .nameTaken)
        }
    }
}
