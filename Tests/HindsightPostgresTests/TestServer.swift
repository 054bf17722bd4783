import HindsightPostgres
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The server that the tests run against.
enum TestServer {
    static var conninfo: String {
        ProcessInfo.processInfo.environment["HINDSIGHT_TEST_SERVER"] ?? ""
    }

    static let logger = Logger(label: "hindsight.test") { _ in SwiftLogNoOpLogHandler() }

    static func configuration() -> PostgresConfiguration {
        PostgresConfiguration(conninfo)
    }

    static func connect(_ configuration: PostgresConfiguration = configuration()) async throws -> PostgresConnection {
        try await PostgresConnection.connect(configuration, logger: logger)
    }

    /// Runs a test on a connection whose search path is a new schema, and drops the schema afterwards.
    static func withConnection<T: Sendable>(
        _ body: (PostgresConnection, PostgresConfiguration) async throws -> T
    ) async throws -> T {
        let schema = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let owner = try await connect()
        try await owner.withSession { try $0.execute("create schema \(identifier: PostgresIdentifier(schema))") }
        var configuration = configuration()
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
