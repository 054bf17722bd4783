import HindsightCluster
import HindsightPostgres
import Logging

extension DatabaseChoice {
    /// Runs `body` with the database. This process uses a local server until `body` has ended, however it ends; if the
    /// server is killed in the meantime, it is started again.
    func open<Value>(
        output: CommandOutput, logger: Logger, _ body: (PostgresConfiguration) async throws -> Value
    ) async throws -> Value {
        switch self {
        case .url(let url):
            return try await body(try await checked(PostgresConfiguration(url), logger))
        case .variables:
            return try await body(try await checked(PostgresConfiguration(), logger))
        case .local(let folder):
            if !PrivateFolder.isFolder(folder) { output.note("making a new private database in \(folder)") }
            let cluster = try await LocalCluster.start(in: folder, logger: logger)
            do {
                let value = try await cluster.keepingServer { try await body(PostgresConfiguration(cluster.conninfo)) }
                try await cluster.stop()
                return value
            } catch {
                do {
                    try await cluster.stop()
                } catch let second {
                    output.note("\(second)")
                }
                throw error
            }
        }
    }

    /// Connects once, so that an unreachable server is reported at once, with the reason: a pool would wait for it.
    private func checked(_ configuration: PostgresConfiguration, _ logger: Logger) async throws -> PostgresConfiguration
    {
        do {
            let connection = try await PostgresConnection.connect(configuration, logger: logger)
            await connection.close()
            return configuration
        } catch let error as PostgresError where error.code != .cancelled {
            throw UnreachableDatabase(place: "\(self)", reason: "\(error)")
        }
    }
}
