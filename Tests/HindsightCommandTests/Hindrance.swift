import Hindsight
import HindsightPostgres

/// What `run` may have to wait for, for as long as somebody pleases.
enum Hindrance: String, CaseIterable, Sendable {
    /// A lock on the table that says which migrations there are.
    case migrationTable
    /// The lock that another process holds while it migrates.
    case migrator
    /// The lock under which projections are registered.
    case registration
    /// Locks on the tables of the views.
    case viewTables
    /// Locks on the rows of the offsets, which a lease takes.
    case offsetRows
    /// A trigger that sleeps when a lease is committed.
    case leaseCommit
    /// A trigger that sleeps when a batch is committed.
    case batchCommit
    /// The server's processes answer no more.
    case deadServer

    /// What stays in the database.
    func prepare(in session: inout PostgresSession) throws {
        switch self {
        case .migrator:
            try session.execute(
                """
                create table migration as
                select * from hindsight.migrations where number = (select max(number) from hindsight.migrations)
                """)
            try session.execute("delete from hindsight.migrations where number = (select number from migration)")
        case .leaseCommit: try sleep(when: "new.epoch > old.epoch", in: &session)
        case .batchCommit: try sleep(when: "new.position > old.position", in: &session)
        case .migrationTable, .registration, .viewTables, .offsetRows, .deadServer: break
        }
    }

    /// Takes away what was prepared.
    func remove(in session: inout PostgresSession) throws {
        switch self {
        case .migrator: try session.execute("insert into hindsight.migrations select * from migration")
        case .leaseCommit, .batchCommit:
            _ = try session.query(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and wait_event = 'PgSleep'
                """)
            try session.execute("drop trigger sleep on hindsight.offsets")
        case .migrationTable, .registration, .viewTables, .offsetRows, .deadServer: break
        }
    }

    /// What a transaction holds until it ends.
    func hold(in session: inout PostgresSession) throws {
        switch self {
        case .migrationTable: try session.execute("lock table hindsight.migrations")
        case .migrator:
            try session.execute("select pg_advisory_xact_lock(hashtextextended('hindsight.migrations', 0))")
        case .registration:
            try session.execute("select pg_advisory_xact_lock(hashtextextended('hindsight.projections', 0))")
        case .viewTables:
            for row in try session.query("select view_table from hindsight.projections where view_table is not null") {
                let table = PostgresIdentifier(schema: "hindsight", PostgresIdentifier(try row.decode(0)))
                try session.execute("lock table \(identifier: table)")
            }
        case .offsetRows: try session.execute("select from hindsight.offsets for update")
        case .leaseCommit, .batchCommit, .deadServer: break
        }
    }

    /// Whether a process waits for it.
    func isMet(in session: inout PostgresSession) throws -> Bool {
        let condition: SQL
        switch self {
        case .leaseCommit, .batchCommit: condition = "wait_event = 'PgSleep'"
        case .deadServer: condition = "state = 'idle' and (select bool_and(owner is not null) from hindsight.offsets)"
        // A lease is asked for again and again, without waiting for who has its row.
        case .offsetRows: condition = "state = 'idle'"
        case .migrationTable, .migrator, .registration, .viewTables: condition = "wait_event_type = 'Lock'"
        }
        return try session.query(
            """
            select count(*) > 0 from pg_stat_activity
            where datname = current_database() and application_name = 'hindsight' and \(sql: condition)
            """)[0].decode(0)
    }

    private func sleep(when condition: SQL, in session: inout PostgresSession) throws {
        try session.execute(
            """
            create function sleep() returns trigger language plpgsql as 'begin perform pg_sleep(600); return null; end'
            """)
        try session.execute(
            """
            create constraint trigger sleep after update on hindsight.offsets deferrable initially deferred
            for each row when (\(sql: condition)) execute function sleep()
            """)
    }
}
