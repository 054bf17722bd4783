import Hindsight
import HindsightPostgres
import Subprocess
import Testing

@Suite("Telling other processes of appends", .timeLimit(.minutes(3)))
struct AnnouncementTests {
    /// How many notifications have come since the last call.
    private struct Notifications {
        let channel: String
        let pool: PostgresPool
        var iterator: PostgresNotifications.Iterator

        init(_ fixture: ShopFixture, _ connection: PostgresConnection) async throws {
            pool = fixture.pool
            let logClass: Int32 = try await pool.withSession { session in
                try session.query("select hindsight.log_class()")[0].decode(0)
            }
            channel = "hindsight_\(logClass)"
            iterator = try await connection.notifications(on: channel).makeAsyncIterator()
        }

        mutating func count() async throws -> Int {
            // Notifications come in the order of their commits, so this one ends those of a process that has ended.
            let end = "end of test"
            try await pool.withSession { [channel] session in
                _ = try session.query("select pg_notify(\(channel), \(end))")
            }
            var count = 0
            while let notification = try await iterator.next(), notification.payload != end { count += 1 }
            return count
        }
    }

    private func withNotifications(_ body: (ShopFixture, inout Notifications) async throws -> Void) async throws {
        try await ShopFixture.with { fixture in
            let connection = try await PostgresConnection.connect(
                fixture.pool.configuration, logger: ShopFixture.logger)
            var notifications = try await Notifications(fixture, connection)
            try await body(fixture, &notifications)
            await connection.close()
        }
    }

    @Test func isDoneBeforeAnAppendEnds() async throws {
        try await withNotifications { fixture, notifications in
            for _ in 0..<5 {
                try await fixture.expectSuccess("events", "append", "order-1", "--type", "T", "--data", "{}", "--force")
                #expect(try await notifications.count() > 0)
            }
        }
    }

    @Test func isDoneBeforeASimulationEnds() async throws {
        try await withNotifications { fixture, notifications in
            for seed in 1...3 {
                try await fixture.expectSuccess("simulate", "--orders", "2", "--seed", "\(seed)")
                #expect(try await notifications.count() > 0)
            }
        }
    }

    @Test func isDoneBeforeAnImportEnds() async throws {
        try await withNotifications { fixture, notifications in
            for order in 0..<3 {
                let lines = Lines.orders(order..<order + 1)
                let outcome = try await fixture.shop("events", "import", "-", input: lines)
                #expect(outcome.status == .exited(0), "\(outcome.error)")
                #expect(try await notifications.count() > 0)
            }
        }
    }

    @Test func isDoneBeforeAnImportFails() async throws {
        try await withNotifications { fixture, notifications in
            for order in 0..<3 {
                let lines = Lines.orders(order..<order + 1) + "{}\n"
                let outcome = try await fixture.shop("events", "import", "-", input: lines)
                #expect(outcome.status == .exited(1))
                #expect(try await notifications.count() > 0)
            }
        }
    }
}
