import Foundation
import HindsightCluster
import HindsightPostgres
import Logging

/// The database that `DATABASE_URL` names, else a private one in the folder of `HINDSIGHT_HOME`, or in `.hindsight`.
enum Database {
    static func open(_ logger: Logger, _ body: @Sendable (PostgresConfiguration) async throws -> Void) async throws {
        let environment = ProcessInfo.processInfo.environment
        if let url = environment["DATABASE_URL"] { return try await body(PostgresConfiguration(url)) }
        let cluster = try await LocalCluster.start(in: environment["HINDSIGHT_HOME"] ?? ".hindsight", logger: logger)
        do {
            try await cluster.keepingServer { try await body(PostgresConfiguration(cluster.conninfo)) }
        } catch {
            try await cluster.stop()
            throw error
        }
        try await cluster.stop()
    }
}
