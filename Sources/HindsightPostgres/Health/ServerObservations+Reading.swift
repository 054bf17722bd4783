import CLibPQ
import HindsightValues

extension ServerObservations {
    private static let settingNames = [
        "autovacuum", "data_checksums", "fsync", "full_page_writes", "idle_session_timeout", "lock_timeout",
        "max_connections",
        "reserved_connections", "statement_timeout", "superuser_reserved_connections", "synchronous_commit",
        "synchronous_standby_names", "track_counts", "transaction_timeout", "zero_damaged_pages",
    ]

    /// Looks at the server of a pool. It reads catalogs and statistics only, and waits for no lock.
    package static func read(_ pool: PostgresPool) async throws -> ServerObservations {
        let place = (try? ClientAddress(pool.configuration).place) ?? ""  // what is not valid does not connect
        return try await pool.withTransaction(TransactionOptions(.readCommitted, isReadOnly: true)) { session in
            try read(place, in: &session)
        }
    }

    private static func read(_ place: String, in session: inout PostgresSession) throws -> ServerObservations {
        let before = Timestamp.now()
        let clock = try session.query("select clock_timestamp()")[0].decode(0, as: Timestamp.self)
        let after = Timestamp.now()
        let names = try session.query("select current_user::text, current_database()::text")[0]
        var seen = ServerObservations(place: place, role: try names.decode(0), database: try names.decode(1))
        seen.clockAhead = seconds(from: after, to: clock)...seconds(from: before, to: clock)
        seen.libraryVersion = Int(PQlibVersion())
        try seen.readSettings(in: &session)
        try seen.readServer(in: &session)
        try seen.readTransactions(in: &session)
        return seen
    }

    private static func seconds(from start: Timestamp, to end: Timestamp) -> Double {
        Double(end.microsecondsSince1970 - start.microsecondsSince1970) / 1e6
    }

    private mutating func readSettings(in session: inout PostgresSession) throws {
        for row in try session.query(
            "select name, setting, source from pg_settings where name = any(\(Self.settingNames))")
        {
            settings[try row.decode(0)] = Setting(try row.decode(1), source: try row.decode(2))
        }
        commitOverrides = try session.query(
            """
            select r.rolname::text, d.datname::text, substr(c.entry, length('synchronous_commit=') + 1)
            from pg_db_role_setting s
            left join pg_roles r on r.oid = s.setrole
            left join pg_database d on d.oid = s.setdatabase
            cross join unnest(s.setconfig) c (entry)
            where c.entry like 'synchronous\\_commit=%' and (s.setdatabase = 0 or d.datname = current_database())
            order by 1 nulls first, 2 nulls first
            """
        ).map { Override(role: try $0.decode(0), database: try $0.decode(1), value: try $0.decode(2)) }
    }

    private mutating func readServer(in session: inout PostgresSession) throws {
        let row = try session.query(
            """
            with clients as (
                select a.datname, a.usename from pg_stat_activity a
                -- The type is hidden from a role that may not see other roles' activity.
                where a.usesysid is not null and coalesce(a.backend_type, 'client backend') = 'client backend')
            select current_setting('server_version'), current_setting('server_version_num')::integer, pg_is_in_recovery(),
                age(d.datfrozenxid)::bigint, (select count(*) from clients), d.datconnlimit,
                (select count(*) from clients c where c.datname = d.datname), r.rolconnlimit,
                (select count(*) from clients c where c.usename = r.rolname)
            from pg_database d cross join pg_roles r
            where d.datname = current_database() and r.rolname = current_user
            """)[0]
        version = try row.decode(0)
        versionNumber = try row.decode(1, as: Int.self)
        isReplica = try row.decode(2)
        transactionAge = try row.decode(3)
        let reserved = (number("superuser_reserved_connections") ?? 0) + (number("reserved_connections") ?? 0)
        serverConnections = Connections(
            limit: (number("max_connections") ?? .max) - reserved, used: try row.decode(4, as: Int.self))
        databaseConnections = Self.connections(try row.decode(5, as: Int.self), try row.decode(6, as: Int.self))
        roleConnections = Self.connections(try row.decode(7, as: Int.self), try row.decode(8, as: Int.self))
    }

    /// A negative limit is none.
    private static func connections(_ limit: Int, _ used: Int) -> Connections? {
        limit < 0 ? nil : Connections(limit: limit, used: used)
    }

    private mutating func readTransactions(in session: inout PostgresSession) throws {
        prepared = try session.query(
            """
            select gid, owner::text, extract(epoch from clock_timestamp() - prepared)::double precision
            from pg_prepared_xacts where database = current_database() order by prepared
            """
        ).map { Prepared(name: try $0.decode(0), role: try $0.decode(1), seconds: try $0.decode(2)) }
        oldTransactions = try session.query(
            """
            select \(sql: SessionActivity.columns) from pg_stat_activity a
            where a.datname = current_database() and a.pid <> pg_backend_pid()
                and a.xact_start < clock_timestamp() - interval '5 minutes'
                and a.usesysid is not null and coalesce(a.backend_type, 'client backend') = 'client backend'
            order by a.xact_start
            """
        ).map { try SessionActivity($0) }
        hiddenSessions = try session.query(
            """
            select count(*) from pg_stat_activity a
            where a.datname = current_database() and a.usesysid is not null and a.query = '<insufficient privilege>'
            """)[0].decode(0, as: Int.self)
    }
}
