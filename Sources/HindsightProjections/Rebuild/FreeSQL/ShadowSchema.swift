import HindsightPostgres
import HindsightValues

/// A schema with a projection's own tables, which a rebuild fills beside the live ones.
///
/// The projection's statements run with the schema first in the search path, so that a name without a schema means a
/// table in it. Statements that would change anything outside of it are refused.
struct ShadowSchema: Hashable, Sendable {
    let name: String

    var identifier: PostgresIdentifier { PostgresIdentifier(name) }

    /// The schema's oid, or null if it is gone.
    var oid: SQL { "to_regnamespace(\(identifier.quoted))" }

    func object(_ name: String) -> PostgresIdentifier { PostgresIdentifier(schema: identifier, name) }

    // MARK: - Making and dropping

    /// Creates the schema under an unused name, and the projection's tables in it.
    ///
    /// - Throws: ``ProjectionError`` with `cannotRebuild` when the tables cannot be created there.
    static func make(
        for definition: ProjectionDefinition, _ tables: OwnTables, in session: inout PostgresSession
    ) throws -> ShadowSchema {
        let schema = try free(definition, in: &session)
        do {
            try session.execute("create schema \(identifier: schema.identifier)")
        } catch let error where error.sqlState == "42501" {
            throw ProjectionError(
                .cannotRebuild,
                """
                projection "\(definition.name)" writes tables of its own, and its rebuild fills others in a schema of their own, which \
                this role may not make: grant it the right to create schemas in this database
                """)
        }
        let written = try schema.writtenElsewhere(in: &session)
        let path = try session.query("select current_setting('search_path')")[0].decode(0, as: String.self)
        try schema.enter(in: &session)
        do {
            // `setUp` may drop live tables before it creates its own, and readers must not wait for that.
            let timeout = try session.query("select current_setting('lock_timeout')")[0].decode(0, as: String.self)
            try session.execute("set local lock_timeout = '100ms'")
            for statement in tables.setUp { try session.script(statement) }
            try session.execute("select set_config('lock_timeout', \(timeout), true)")
        } catch let error where error is PostgresError && !error.isInterruption {
            throw ProjectionError(
                .cannotRebuild,
                """
                the setUp of projection "\(definition.name)" cannot be run again in a schema of its own, which its rebuild fills: \
                \(error). \(remedy)
                """)
        }
        if let table = try schema.writtenElsewhere(in: &session).subtracting(written).min() {
            throw ProjectionError(
                .cannotRebuild,
                """
                the setUp of projection "\(definition.name)" changes or refers to table \(table), which it does not make, so it cannot \
                be run again for a rebuild. \(remedy)
                """)
        }
        try session.execute("select set_config('search_path', \(path), true)")
        return schema
    }

    private static let remedy = """
        Let it make its tables by names without a schema and leave others alone, and raise the version; or reset the projection to \
        have it fold the log from the beginning
        """

    /// An unused schema name.
    private static func free(
        _ definition: ProjectionDefinition, in session: inout PostgresSession
    ) throws -> ShadowSchema {
        for number in 1... {
            let name = "\(definition.name)_v\(definition.version)_fill" + (number == 1 ? "" : "\(number)")
            let schema = ShadowSchema(name: name)
            if try !schema.exists(in: &session) { return schema }
        }
        preconditionFailure("all numbers are taken")
    }

    func exists(in session: inout PostgresSession) throws -> Bool {
        try session.query("select \(sql: oid) is not null")[0].decode(0)
    }

    /// Drops the schema with everything in it.
    func drop(in session: inout PostgresSession) throws {
        try session.execute("drop schema if exists \(identifier: identifier) cascade")
    }

    // MARK: - Running statements in it

    /// From here to the end of the transaction, names without a schema are looked up in this schema first, and then as
    /// usual.
    func enter(in session: inout PostgresSession) throws {
        try session.execute(
            """
            select set_config('search_path', concat_ws(', ', \(identifier.quoted), nullif(current_setting('search_path'), '')), true)
            """)
    }

    /// Refuses what handlers have written outside of the schema in this transaction: the live tables would hold it
    /// twice.
    func checkWrites(of definition: ProjectionDefinition, in session: inout PostgresSession) throws {
        guard let table = try writtenElsewhere(in: &session).min() else { return }
        throw ProjectionError(
            .cannotRebuild,
            """
            a handler of projection "\(definition.name)" writes to table \(table), which its rebuild cannot fill beside the one that \
            is there: it would hold everything twice. Let setUp make all that handlers write to, and let both name it without a \
            schema; or reset the projection to have it fold the log from the beginning. Nothing of that was committed
            """)
    }

    /// The tables outside of the schema that this transaction has written or altered.
    ///
    /// A transaction that writes to a table keeps a lock on it until its end. The statistics counters would not do:
    /// they may be disabled, do not count `truncate`, and may still contain the counts of the session's previous
    /// transactions for up to a second.
    private func writtenElsewhere(in session: inout PostgresSession) throws -> Set<String> {
        let tables = try session.query(
            """
            select distinct format('%I.%I', n.nspname, c.relname)
            from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
            where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.granted
                and l.mode not in ('AccessShareLock', 'RowShareLock', 'SIReadLock') and c.relkind in ('r', 'p', 'f')
                and n.nspname not in (\(name), 'pg_catalog') and n.oid <> pg_my_temp_schema()
            """)
        return try Set(tables.map { try $0.decode(0, as: String.self) })
    }
}
