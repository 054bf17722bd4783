import Hindsight
import HindsightPostgres
import HindsightTestSupport
import HindsightTesting
import Testing

@Suite("The PostgreSQL log keeps the contract", .timeLimit(.minutes(5)))
struct ContractTests {
    @Test func keepsTheContract() async throws {
        let report = await LogContract.check { body in
            try await LogFixture.withLog { fixture in
                try await fixture.withIdleLog { log in
                    try await fixture.withIdleLog { peer in
                        try await body(underTest(fixture, log, peer))
                    }
                }
            }
        }
        for problem in report.problems() { Issue.record("\(problem)") }
        #expect(report.passed.count > 40)
    }

    private func underTest(_ fixture: LogFixture, _ log: PostgresEventLog, _ peer: PostgresEventLog) -> LogUnderTest {
        LogUnderTest(
            log: log, peer: peer,
            openAppend: { appends in
                let transaction = try await OpenTransaction.begin(in: fixture.pool)
                let results = try await transaction.run { session in try log.append(appends, in: &session) }
                return Held(log: log, transaction: transaction, position: results.map(\.position).max() ?? 0)
            },
            rewind: { position in
                try await fixture.script(
                    """
                    delete from hindsight.events where position > \(position);
                    select setval('hindsight.positions', \(position))
                    """)
            })
    }

    private struct Held: OpenLogAppend {
        let log: PostgresEventLog
        let transaction: OpenTransaction
        let position: Int64

        func commit() async throws {
            try await transaction.commit()
            log.announce()
        }

        func rollBack() async throws { try await transaction.rollBack() }
    }
}

extension LogFixture {
    /// Another log object with its own connections that nobody runs.
    func withIdleLog<Value>(_ body: (PostgresEventLog) async throws -> Value) async throws -> Value {
        var configuration = log.configuration
        configuration.pollInterval = .milliseconds(100)
        let pool = PostgresPool(configuration: database, maximumConnections: 8, logger: Self.logger)
        do {
            let value = try await body(PostgresEventLog(pool: pool, configuration: configuration, logger: Self.logger))
            await pool.close()
            return value
        } catch {
            await pool.close()
            throw error
        }
    }
}
