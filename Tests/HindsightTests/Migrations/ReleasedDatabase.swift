import Hindsight
import HindsightPostgres
import HindsightTestSupport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A bank's database as the first release left it: six migrations and no more.
enum ReleasedDatabase {
    /// How far the projections had come.
    static let applied: Int64 = 87_494
    /// How far the rebuild of accounts had come, in its last checkpoint.
    static let rebuilt: Int64 = 49_200
    /// What the durable subscription `letters` had handled.
    static let handled: Int64 = 32_793

    /// Runs a test on such a database. Nothing is migrated further.
    static func open(_ body: (Bank) async throws -> Void) async throws {
        let database = PostgresConfiguration(try await TestCluster.shared.makeDatabase())
        let pool = PostgresPool(configuration: database, maximumConnections: 12, logger: LogFixture.logger)
        do {
            try await Migrator(
                pool: pool, schema: "hindsight", migrations: Array(Migration.all.prefix(6)), logger: LogFixture.logger
            ).migrate()
            let content = try content()
            try await pool.withTransaction { try $0.script(content) }
            let log = PostgresEventLog(pool: pool, logger: LogFixture.logger)
            try await body(
                Bank(
                    fixture: LogFixture(database: database, pool: pool, log: log), views: pool,
                    viewsDatabase: database))
            await pool.close()
        } catch {
            await pool.close()
            throw error
        }
    }

    private static func content() throws -> String {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return try String(contentsOfFile: "\(folder)/Fixtures/released.sql", encoding: .utf8)
    }
}
