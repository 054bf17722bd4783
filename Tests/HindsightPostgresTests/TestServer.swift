import HindsightPostgres
import HindsightTestSupport
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The server that the tests run against.
enum TestServer {
    private static let database = Task { try await TestCluster.shared.makeDatabase() }

    /// A database that all tests of this target share; each makes its own schema, or temporary tables.
    static var conninfo: String {
        get async throws { try await database.value }
    }

    static let logger = Logger(label: "hindsight.test") { _ in SwiftLogNoOpLogHandler() }

    static func configuration() async throws -> PostgresConfiguration {
        PostgresConfiguration(try await conninfo)
    }

    static func connect(_ configuration: PostgresConfiguration? = nil) async throws -> PostgresConnection {
        if let configuration { return try await PostgresConnection.connect(configuration, logger: logger) }
        return try await PostgresConnection.connect(try await self.configuration(), logger: logger)
    }

    /// Runs a test on a connection whose search path is a new schema, and drops the schema afterwards.
    static func withConnection<T: Sendable>(
        _ body: (PostgresConnection, PostgresConfiguration) async throws -> T
    ) async throws -> T {
        let schema = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let owner = try await connect()
        try await owner.withSession { try $0.execute("create schema \(identifier: PostgresIdentifier(schema))") }
        var configuration = try await configuration()
        configuration.settings["search_path"] = schema
        let result: Result<T, any Error>
        do {
            let connection = try await connect(configuration)
            result = .success(try await body(connection, configuration))
            await connection.close()
        } catch {
            result = .failure(error)
        }
        try await owner.withSession { try $0.execute("drop schema \(identifier: PostgresIdentifier(schema)) cascade") }
        await owner.close()
        return try result.get()
    }
}
