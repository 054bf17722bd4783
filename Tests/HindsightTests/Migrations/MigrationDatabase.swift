import HindsightPostgres
import HindsightSchema
import HindsightTestSupport

/// Databases for tests of the migrator.
enum MigrationDatabase {
    /// Runs a test with connections to a new, empty database.
    static func open(_ body: (PostgresPool) async throws -> Void) async throws {
        try await open(try await TestCluster.shared.makeDatabase(), body)
    }

    /// Runs a test with connections to a database.
    static func open(_ conninfo: String, _ body: (PostgresPool) async throws -> Void) async throws {
        let pool = PostgresPool(
            configuration: PostgresConfiguration(conninfo), maximumConnections: 12, logger: LogFixture.logger)
        do {
            try await body(pool)
            await pool.close()
        } catch {
            await pool.close()
            throw error
        }
    }
}

extension Collection<Migration> {
    /// The names in the order in which the migrations are applied: online ones come after all others.
    var namesAsApplied: [String] {
        filter { !$0.isOnline }.map(\.name) + filter(\.isOnline).map(\.name)
    }
}
