import Hindsight
import HindsightPostgres
import HindsightTestSupport

/// A server of its own for interleavings: transactions elsewhere in the same server would make snapshots look older than they
/// are, and the outcome of an order depend on other tests.
actor InterleavingServer {
    static let shared = InterleavingServer()

    private var starting: Task<PrivateTestCluster, any Error>?

    /// Runs interleavings on a new database with the world in it.
    ///
    /// - Parameter mutant: replaces a function of the store beforehand.
    func withInterleaving<Value: Sendable>(
        _ mutant: StoreMutant? = nil, _ body: @Sendable (Interleaving) async throws -> Value
    ) async throws -> Value {
        let task =
            starting
            ?? Task {
                try await PrivateTestCluster.start(
                    settings: ["fsync": "off", "autovacuum": "off", "deadlock_timeout": "10ms"])
            }
        starting = task
        let database = PostgresConfiguration(try await task.value.makeDatabase())
        let pool = PostgresPool(configuration: database, maximumConnections: 1, logger: LogFixture.logger)
        try await Migrator(pool: pool, logger: LogFixture.logger).migrate()
        try await pool.withSession { session in
            try ShardWorld.setUp(&session)
            try mutant?.apply(&session)
        }
        await pool.close()
        let interleaving = try await Interleaving(database)
        do {
            let value = try await body(interleaving)
            await interleaving.close()
            return value
        } catch {
            await interleaving.close()
            throw error
        }
    }
}
