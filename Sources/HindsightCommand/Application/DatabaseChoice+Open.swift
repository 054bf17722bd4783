import HindsightCluster
import HindsightPostgres
import Logging

extension DatabaseChoice {
    /// Runs `body` with the database. A local server is this process's to use until `body` has ended, however it ends, and
    /// is started again if it is killed meanwhile.
    func open<Value>(
        output: CommandOutput, logger: Logger, _ body: (PostgresConfiguration) async throws -> Value
    ) async throws -> Value {
        switch self {
        case .url(let url):
            return try await body(try await checked(PostgresConfiguration(url), logger))
        case .variables:
            return try await body(try await checked(PostgresConfiguration(), logger))
        case .local(let folder):
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

    /// Connects once, so that a server that cannot be reached is reported at once and with its reason: a pool would wait for it.
    private func checked(_ configuration: PostgresConfiguration, _ logger: Logger) async throws -> PostgresConfiguration
    {
        do {
            let connection = try await PostgresConnection.connect(configuration, logger: logger)
            await connection.close()
            return configuration
        } catch let error as PostgresError where error.code != .cancelled {
            throw CommandError("\(self) cannot be used: \(error)")
        }
    }
}
