public import HindsightPostgres
public import HindsightSchema
public import Logging

/// Brings the engine's schema in a database to the version that this program needs.
///
/// Any number of nodes may start at once: one migrates, the others wait for it. A database is refused if it is newer
/// than the program, or if an applied migration has a different text now.
///
/// The log's part of the schema and the engine's can be migrated separately, into two databases or one after the other
/// into one:
///
/// ```swift
/// try await Migrator(pool: views, parts: [.engine], logger: logger).migrate()
/// ```
public struct Migrator: Sendable {
    /// A migration, and whether the database has it.
    public struct Step: Hashable, Sendable {
        /// From 1.
        public var number: Int
        /// The file that holds it.
        public var name: String
        /// True when the database has it.
        public var isApplied: Bool
        /// True if the program works without it as well: it runs by itself, when its table is free.
        public var isOnline: Bool

        package init(number: Int, name: String, isApplied: Bool, isOnline: Bool) {
            self.number = number
            self.name = name
            self.isApplied = isApplied
            self.isOnline = isOnline
        }
    }

    let pool: PostgresPool
    let schema: String
    private let parts: Set<SchemaPart>
    /// All migrations that the program knows, for any parts.
    private let migrations: [Migration]
    let logger: Logger

    /// Creates a migrator of a schema, which is created if it is missing.
    ///
    /// - Parameters:
    ///   - pool: connections to the database.
    ///   - schema: the name of the schema. Defaults to `hindsight`.
    ///   - parts: the parts that the database should hold. Other parts that it has stay. Defaults to the log and the
    ///     engine's tables.
    ///   - logger: receives a message for each applied migration.
    public init(
        pool: PostgresPool, schema: String = "hindsight", parts: Set<SchemaPart> = [.log, .engine], logger: Logger
    ) {
        self.init(pool: pool, schema: schema, parts: parts, migrations: Migration.all, logger: logger)
    }

    package init(
        pool: PostgresPool, schema: String, parts: Set<SchemaPart> = [.log, .engine], migrations: [Migration],
        logger: Logger
    ) {
        self.pool = pool
        self.schema = schema
        self.parts = parts
        self.migrations = migrations
        self.logger = logger
    }

    /// Applies the missing migrations of the parts, in one transaction, and then those that run online
    /// (``Migration/isOnline``), each by itself.
    ///
    /// An online migration that does not get its table within a second, because somebody else uses it without an end, or
    /// that another process is running, is left to the next call, so that neither appends nor a program's start wait for
    /// it.
    ///
    /// - Returns: the names of the migrations that were applied, none if there was nothing to do.
    /// - Throws: ``MigrationError`` if the database is newer or a migration was edited; a `PostgresError`.
    @discardableResult
    public func migrate() async throws -> [String] {
        try await migrate { _ in }.applied
    }

    /// Migrates, and does something more in the transaction of the migrations, also if none is missing: what has to be done before anybody
    /// uses what they have made.
    ///
    /// - Parameter finish: called behind the migrations, with the schema as the search path. The transaction may be run again.
    package func migrate<Value: Sendable>(
        finishing finish: @escaping @Sendable (inout PostgresSession) throws -> Value
    ) async throws -> (applied: [String], value: Value) {
        var (applied, value) = try await migrateAtOnce(finish)
        for migration in wanted where migration.isOnline {
            if try await migrateOnline(migration) { applied.append(migration.name) }
        }
        if !applied.isEmpty {
            logger.info(
                "schema migrated", metadata: ["schema.name": "\(schema)", "migration.count": "\(applied.count)"])
        }
        return (applied, value)
    }

    private func migrateAtOnce<Value: Sendable>(
        _ finish: @escaping @Sendable (inout PostgresSession) throws -> Value
    ) async throws -> ([String], Value) {
        try await pool.withTransaction(.readCommitted) { [self] session in
            try lock(&session)
            let recorded = try recorded(&session)
            let missing = try missing(recorded).filter { !$0.isOnline }
            if recorded == nil { try createSchema(&session) }
            for (migration, checksum) in try zip(missing, checksums(missing, &session)) {
                if !isDone(migration, recorded) { try session.script(migration.sql) }
                try record(migration, checksum, &session)
            }
            return (missing.map(\.name), try finish(&session))
        }
    }

    /// The migrations of the parts that the database has, and those that it lacks.
    ///
    /// - Throws: ``MigrationError`` as ``migrate()`` does.
    public func status() async throws -> [Step] {
        try await pool.withTransaction(.readCommitted) { [self] session in
            let recorded = try recorded(&session)
            let missing = Set(try missing(recorded).map(\.number))
            return wanted.map {
                Step(
                    number: $0.number, name: $0.name, isApplied: !missing.contains($0.number), isOnline: $0.isOnline)
            }
        }
    }

    /// Notes that the database has a migration.
    func record(_ migration: Migration, _ checksum: String, _ session: inout PostgresSession) throws {
        try session.execute(
            """
            insert into \(identifier: table) (number, name, checksum)
            values (\(Int32(migration.number)), \(migration.name), \(checksum))
            """)
    }

    /// What a migration finds its names in.
    var searchPath: String { "\(PostgresIdentifier(schema).quoted), pg_temp" }

    var table: PostgresIdentifier { PostgresIdentifier(schema: PostgresIdentifier(schema), "migrations") }

    private var wanted: [Migration] { migrations.filter { !$0.parts.isDisjoint(with: parts) } }

    /// True if a later migration has already done the work.
    private func isDone(_ migration: Migration, _ recorded: [Int: String]?) -> Bool {
        guard let successor = migration.successor else { return false }
        return recorded?[successor] != nil
    }

    /// One migrator at a time in a database, whatever its schema; until the end of the transaction.
    private func lock(_ session: inout PostgresSession) throws {
        try session.execute("select pg_advisory_xact_lock(hashtextextended('hindsight.migrations', 0))")
    }

    private func createSchema(_ session: inout PostgresSession) throws {
        try session.createSchemaIfMissing(PostgresIdentifier(schema))
        try session.execute(
            """
            create table \(identifier: table) (
                number integer primary key, name text not null, checksum text not null,
                applied_at timestamptz not null default now())
            """)
    }

    /// The checksums of the migrations that the database has, by number; nil if it has no schema yet. Also sets the
    /// search path.
    private func recorded(_ session: inout PostgresSession) throws -> [Int: String]? {
        try session.execute("select set_config('search_path', \(searchPath), true)")
        // Not to_regclass: it answers from a cache, which may be older than the lock that this transaction has waited
        // for.
        let found = try session.query(
            """
            select from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = \(schema) and c.relname = 'migrations'
            """)
        guard !found.isEmpty else { return nil }
        var checksums: [Int: String] = [:]
        for row in try session.query("select number, checksum from \(identifier: table)") {
            checksums[try row.decode(0, as: Int.self)] = try row.decode(1, as: String.self)
        }
        for (migration, checksum) in zip(migrations, try self.checksums(migrations, &session)) {
            guard let found = checksums[migration.number], found != checksum else { continue }
            throw MigrationError(
                .edited,
                """
                migration \(migration.name) was applied to schema "\(schema)" with other content than this program has: \
                restore the file as it was and add a new migration instead
                """)
        }
        return checksums
    }

    private func missing(_ recorded: [Int: String]?) throws -> [Migration] {
        let recorded = recorded ?? [:]
        let known = migrations.map(\.number).max() ?? 0
        if let newest = recorded.keys.max(), newest > known {
            throw MigrationError(
                .newerDatabase,
                """
                schema "\(schema)" has migration \(newest), this program knows \(known): start a program that is at \
                least as new as the one that migrated it
                """)
        }
        return wanted.filter { recorded[$0.number] == nil }
    }

    /// SHA-256 of each text; the server computes it, so that the core needs no cryptography of its own.
    func checksums(_ migrations: [Migration], _ session: inout PostgresSession) throws -> [String] {
        try migrations.map { migration in
            try session.query("select encode(sha256(convert_to(\(migration.sql), 'UTF8')), 'hex')")[0]
                .decode(0, as: String.self)
        }
    }
}
