import HindsightCluster
import HindsightPostgres
import Logging

extension DatabaseChoice {
    /// Runs `body` with the database. A local server is this process's to use until `body` has ended, however it ends.
    func open<Value>(
        output: CommandOutput, logger: Logger, _ body: (PostgresConfiguration) async throws -> Value
    ) async throws -> Value {
        switch self {
        case .url(let url):
            return try await body(PostgresConfiguration(url))
        case .variables:
            return try await body(PostgresConfiguration())
        case .local(let folder):
            let cluster = try await LocalCluster.start(in: folder, logger: logger)
            do {
                let value = try await body(PostgresConfiguration(cluster.conninfo))
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

    /// A failure to reach the database, with the place that the database was named in.
    func naming(_ error: any Error) -> any Error {
        guard let error = error as? PostgresError, error.code == .connectionFailed else { return error }
        switch self {
        case .url, .variables: return CommandError("\(self) cannot be reached: \(error)")
        case .local: return error
        }
    }
}
