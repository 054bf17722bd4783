import HindsightPostgres
import HindsightTestSupport
import Logging
import Subprocess
import Testing

/// A fold that traps takes its process along.
@Suite("A fold that traps", .timeLimit(.minutes(5)))
struct TrapTests {
    private let numbers = [1, 2, Int.max, 3, 4]

    private func expectSuccess(
        _ app: ShopProcess, _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> ShopProcess.Outcome {
        let outcome = try await app.run(arguments)
        try #require(outcome.status == .exited(0), "\(outcome.error)", sourceLocation: sourceLocation)
        return outcome
    }

    private func expectCrash(_ app: ShopProcess, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let outcome = try await app("run", "--until-caught-up")
        guard case .signaled = outcome.status else {
            Issue.record("no crash, but \(outcome.status): \(outcome.error)", sourceLocation: sourceLocation)
            return
        }
    }

    @Test("After three crashes at an event the projection stops at it, whoever starts; others go on; resume ends it")
    func threeCrashes() async throws {
        let url = try await TestCluster.shared.makeDatabase()
        let app = ShopProcess(url: url, app: "trap-app")
        for number in numbers {
            _ = try await expectSuccess(
                app, "events", "append", "s-1", "--type", "Counted", "--data", "{\"number\":\(number)}")
        }
        // The first of an unknown event, the second of a batch, and three of the event itself.
        for _ in 1...5 { try await expectCrash(app) }
        for _ in 1...2 {
            let outcome = try await app("run", "--until-caught-up")
            #expect(outcome.status == .exited(1))
            #expect(outcome.error.contains("tally"), "\(outcome.error)")
            #expect(outcome.error.contains("at position 3"), "\(outcome.error)")
            #expect(outcome.error.contains("resume"), "\(outcome.error)")
        }
        // What came before is applied, and nobody else has suffered.
        let counts = try await expectSuccess(app, "query", "tally", "--json")
        #expect(counts.output.contains(#""sum":3"#), "\(counts.output)")
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(url), logger: Logger(label: "hindsight.test") { _ in SwiftLogNoOpLogHandler() })
        let counted = try await connection.withSession { session in
            try session.query("select count(*) from count")[0].decode(0, as: Int.self)
        }
        await connection.close()
        #expect(counted == numbers.count)

        _ = try await expectSuccess(app, "projections", "resume", "tally")
        try await expectCrash(app)
    }
}
