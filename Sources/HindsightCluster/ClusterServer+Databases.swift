extension ClusterServer {
    /// Creates a database unless it exists.
    package func createDatabase(_ name: String) async throws {
        let literal = "'" + name.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
        let found = try await psql("select 1 from pg_catalog.pg_database where datname = \(literal)")
        if found.isEmpty { try await psql("create database \(name.quotedForSQL)") }
    }

    /// The libpq conninfo string of a database of the running server.
    package func conninfo(database: String) async throws -> String {
        guard let address = try await address() else { throw notRunning }
        return "host=\(address.socketFolder.quotedForConninfo) port=\(address.port) user=\(Self.superuser) "
            + "dbname=\(database.quotedForConninfo)"
    }

    /// Runs one statement; returns its rows as lines, with `|` between the columns.
    @discardableResult
    package func psql(_ statement: String, database: String = "postgres") async throws -> String {
        guard let address = try await address() else { throw notRunning }
        let outcome = try await folder.account.run(
            programs.psql,
            [
                "--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "--no-password", "--set", "ON_ERROR_STOP=1",
                "--host", address.socketFolder, "--port", "\(address.port)", "--username", Self.superuser,
                "--dbname", database, "--command", statement,
            ])
        guard outcome.succeeded else {
            throw LocalClusterError(
                .initializationFailed, folder: folder.requested, reason: "psql failed",
                serverLog: outcome.output.lastLines(20))
        }
        return String(outcome.output.dropLast())
    }

    private var notRunning: LocalClusterError {
        LocalClusterError(
            .startFailed, folder: folder.requested, reason: "the server has ended", remedy: "see \(folder.log)",
            serverLog: (SystemCalls.text(of: folder.log) ?? "").lastLines(20))
    }
}
