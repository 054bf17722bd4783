import Dispatch
import Hindsight
import HindsightPostgres
import Testing

@Suite("A transaction that has appended and idles", .timeLimit(.minutes(2)))
struct FrontierHoldLimitTests {
    @Test("is ended by the server at the log's limit, and the frontier goes on")
    func isEnded() async throws {
        try await LogFixture.withLog { fixture in
            try await fixture.pool.withSession { session in
                _ = try session.query("select hindsight.set_frontier_hold_limit('200 ms')")
            }
            let holder = try await PostgresConnection.connect(fixture.database, logger: LogFixture.logger)
            let process = holder.processID
            let isGone = DispatchSemaphore(value: 0)
            let held = Task {
                try await holder.withTransaction { session in
                    _ = try fixture.log.append([LogFixture.event(1)], to: "held-1", in: &session)
                    // The connection's own thread does nothing meanwhile, as a forgotten transaction would.
                    isGone.wait()
                    _ = try session.query("select 1")
                }
            }
            try await fixture.pool.withSession { session in
                let isThere: SQL = "select from pg_stat_activity where pid = \(process)"
                while try !session.query(isThere).isEmpty {}
            }
            isGone.signal()
            await #expect(throws: PostgresError.self) { try await held.value }
            try await fixture.log.append(LogFixture.event(2), to: "free-1")
            #expect(try await fixture.log.read(after: .beginning, limit: 10).events.map(\.stream) == ["free-1"])
            await holder.close()
        }
    }
}
