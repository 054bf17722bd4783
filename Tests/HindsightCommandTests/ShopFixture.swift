import Hindsight
import HindsightPostgres
import HindsightTestSupport
import Logging

/// The sample application's process, and its log beside it, in a database of their own.
struct ShopFixture: Sendable {
    let shop: ShopProcess
    let pool: PostgresPool
    let log: PostgresEventLog

    static let logger = Logger(label: "hindsight.test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a test and closes its connections afterwards.
    static func with<Value>(_ body: (ShopFixture) async throws -> Value) async throws -> Value {
        let url = try await TestCluster.shared.makeDatabase()
        var configuration = PostgresConfiguration(url)
        configuration.applicationName = "test"  // the shop's connections are called "hindsight"
        let pool = PostgresPool(configuration: configuration, logger: logger)
        let fixture = ShopFixture(
            shop: ShopProcess(url: url), pool: pool, log: PostgresEventLog(pool: pool, logger: logger))
        do {
            try await Migrator(pool: pool, logger: logger).migrate()
            let value = try await body(fixture)
            await pool.close()
            return value
        } catch {
            await pool.close()
            throw error
        }
    }

    /// All events of the log.
    func events() async throws -> [RecordedEvent] {
        try await log.read(after: .beginning, limit: 100_000).events
    }

    /// Waits until the log has so many events.
    func waitForEvents(_ count: Int64) async throws {
        let changes = log.changes()
        while true {
            let seen = changes.generation
            if try await log.frontier().position >= count { return }
            await changes.wait(after: seen)
        }
    }
}
