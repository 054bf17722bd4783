import Hindsight
import HindsightPostgres
import Logging
import Testing

/// What tests ask the server about, beside the log.
extension LogFixture {
    /// The engine's schema, as a prefix of its objects.
    var schema: PostgresIdentifier { PostgresIdentifier(log.configuration.schema) }

    func table(_ name: String) -> PostgresIdentifier { PostgresIdentifier(schema: schema, name) }

    /// How many events are stored, visible or not for readers of the log.
    func storedCount() async throws -> Int {
        let events = table("events")
        return try await pool.withSession {
            try $0.query("select count(*) from \(identifier: events)")[0].decode(0)
        }
    }

    /// Runs statements on a connection of the pool.
    func script(_ text: String) async throws {
        try await pool.withSession { try $0.script(text) }
    }

    /// Makes the log go on after a position that has not been drawn yet.
    func drawPositions(through position: Int64) async throws {
        let positions = table("positions").quoted
        try await pool.withSession { try $0.execute("select setval(\(positions)::text::regclass, \(position))") }
    }

    /// Waits until a server process waits for a lock.
    func untilWaitsForLock(_ processID: Int32) async throws {
        try await eventually("process \(processID) waits for a lock") {
            try await pool.withSession {
                try $0.query("select exists (select from pg_locks where pid = \(processID) and not granted)")[0].decode(
                    0)
            }
        }
    }

    /// Runs `body` on another log object with its own connections, as another process would have.
    func withAnotherLog<Value>(
        conninfo: String? = nil, settings: [String: String] = [:], maximumConnections: Int = 8,
        _ change: (inout PostgresEventLog.Configuration) -> Void = { _ in },
        _ body: (PostgresEventLog) async throws -> Value
    ) async throws -> Value {
        var server = database
        if let conninfo { server.conninfo = conninfo }
        server.settings.merge(settings) { _, new in new }
        var configuration = log.configuration
        change(&configuration)
        let pool = PostgresPool(configuration: server, maximumConnections: maximumConnections, logger: Self.logger)
        do {
            let log = PostgresEventLog(pool: pool, configuration: configuration, logger: Self.logger)
            let value = try await withRunning(log, body)
            await pool.close()
            return value
        } catch {
            await pool.close()
            throw error
        }
    }

    /// Runs `body` with the conninfo of a new role that may log in and nothing else.
    func withRole<Value>(
        _ settings: [String: String] = [:], _ body: (_ role: String, _ conninfo: String) async throws -> Value
    ) async throws -> Value {
        let role = "Role \(UInt64.random(in: 0 ... .max))"
        let name = PostgresIdentifier(role)
        try await script("create role \(name.quoted) login")
        for (setting, value) in settings {
            try await pool.withSession {
                try $0.execute(
                    "alter role \(identifier: name) set \(identifier: PostgresIdentifier(setting)) = \(literal: value)")
            }
        }
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(role, database.conninfo + " user='\(role)'"))
        } catch {
            result = .failure(error)
        }
        try await script("drop owned by \(name.quoted); drop role \(name.quoted)")
        return try result.get()
    }
}
