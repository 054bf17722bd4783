import Hindsight
import HindsightPostgres
import HindsightTestSupport
import HindsightValues
import Logging

/// An event log in a database of its own, on the server that the tests share.
struct LogFixture: Sendable {
    let database: PostgresConfiguration
    let pool: PostgresPool
    let log: PostgresEventLog

    static let logger = Logger(label: "hindsight.test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a test on a new, migrated log and closes its connections afterwards.
    static func withLog<Value>(
        conninfo: String? = nil, configuration: PostgresEventLog.Configuration = .init(),
        settings: [String: String] = [:], _ body: (LogFixture) async throws -> Value
    ) async throws -> Value {
        var database = PostgresConfiguration("")
        if let conninfo {
            database.conninfo = conninfo
        } else {
            database.conninfo = try await TestCluster.shared.makeDatabase()
        }
        database.settings = settings
        let pool = PostgresPool(configuration: database, maximumConnections: 12, logger: logger)
        let fixture = LogFixture(
            database: database, pool: pool,
            log: PostgresEventLog(pool: pool, configuration: configuration, logger: logger))
        do {
            try await Migrator(pool: pool, schema: configuration.schema, logger: logger).migrate()
            let value = try await withRunning(fixture.log) { _ in try await body(fixture) }
            await pool.close()
            return value
        } catch {
            await pool.close()
            throw error
        }
    }

    /// An event without data, as the log has it at a position.
    static func recorded(_ position: Int64, type: String = "Counted") -> RecordedEvent {
        let time = Timestamp(microsecondsSince1970: 0)
        return RecordedEvent(
            position: position, stream: "a-1", version: position, id: .version7(), type: type, schemaVersion: 1,
            occurredAt: time, recordedAt: time, correlationID: nil, causationID: nil, data: [], metadata: nil)
    }

    /// An event with a number in it.
    static func event(_ number: Int, type: String = "Counted") -> NewEvent {
        NewEvent(type: type, data: Array(#"{"number":\#(number)}"#.utf8))
    }
}
