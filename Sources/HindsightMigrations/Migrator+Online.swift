import HindsightPostgres
import HindsightSchema
import Logging

// Migrations that must not make anybody wait: each runs outside a transaction, and gives up what it does not get soon.
extension Migrator {
    /// How long a statement waits for a table, in milliseconds. Appends that come meanwhile queue up behind it.
    private static let patience = 250
    /// How often it is tried.
    private static let attempts = 3

    /// Runs a migration by itself, unless the database has it.
    ///
    /// - Returns: true if it was applied now; false if it was there, or is left to the next call.
    func migrateOnline(_ migration: Migration) async throws -> Bool {
        guard try await pool.withSession({ session in try isMissing(migration, in: &session) }) else { return false }
        // A connection of its own: the lock and the settings are the session's, because some statements cannot run within
        // a transaction, and end with it.
        let connection = try await PostgresConnection.connect(pool.configuration, logger: logger)
        do {
            let isApplied = try await migrate(migration, on: connection)
            await connection.close()
            return isApplied
        } catch {
            await connection.close()
            throw error
        }
    }

    private func migrate(_ migration: Migration, on connection: PostgresConnection) async throws -> Bool {
        var reason = ""
        for _ in 0..<Self.attempts {
            do {
                return try await connection.withSession { session in try apply(migration, in: &session) }
            } catch let error as PostgresError where error.sqlState == "55P03" {
                reason = "others use its table, or run it"
                try await Task.sleep(for: .milliseconds(Self.patience))
            } catch let error as PostgresError where error.sqlState == "42501" {
                reason = "this role may not run it"
                break
            }
        }
        logger.notice(
            "a migration that the program can do without is left to the next call",
            metadata: [
                "schema.name": "\(schema)", "migration.name": "\(migration.name)", "migration.reason": "\(reason)",
            ])
        return false
    }

    private func apply(_ migration: Migration, in session: inout PostgresSession) throws -> Bool {
        try session.script("set lock_timeout = \(Self.patience)")
        try session.execute("select pg_advisory_lock(hashtextextended('hindsight.online_migrations', 0))")
        // While this one waited another process may have done it.
        guard try isMissing(migration, in: &session) else { return false }
        try session.execute("select set_config('search_path', \(searchPath), false)")
        try session.script(migration.sql)
        // If it is not recorded any more, it is run again, which it allows.
        try record(migration, try checksums([migration], &session)[0], &session)
        return true
    }

    private func isMissing(_ migration: Migration, in session: inout PostgresSession) throws -> Bool {
        try session.query("select from \(identifier: table) where number = \(Int32(migration.number))").isEmpty
    }
}
