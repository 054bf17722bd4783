import HindsightLog
import HindsightTesting
import Testing

@Suite("The in-memory log keeps the contract", .timeLimit(.minutes(3)))
struct InMemoryContractTests {
    /// Logs that lack abilities keep what is left of the contract.
    @Test(
        arguments: [[.eventsByID, .holes, .verbatimImport, .size], [.eventsByID, .holes], .holes, .eventsByID, []]
            as [LogAbilities])
    func keepsTheContract(abilities: LogAbilities) async throws {
        let report = await LogContract.check { body in
            try await body(Self.underTest(InMemoryEventLog(abilities: abilities, pollInterval: .milliseconds(50))))
        }
        let excuses =
            abilities.contains(.holes)
            ? [:]
            : Dictionary(
                uniqueKeysWithValues: LogContract.cases.filter { $0.needs.hooks.contains(.openAppend) }.map {
                    ($0.name, "a dense log draws positions when it commits")
                })
        for problem in report.problems(excusing: excuses) { Issue.record("\(problem)") }
        #expect(report.passed.count > 40)
    }

    private static func underTest(_ log: InMemoryEventLog) -> LogUnderTest {
        var test = LogUnderTest(log: log, rewind: { log.rewind(to: $0) })
        if log.abilities.contains(.holes) { test.openAppend = { Held(open: try log.openAppend($0)) } }
        return test
    }

    private struct Held: OpenLogAppend {
        let open: OpenAppend
        var position: Int64 { open.results.map(\.position).max() ?? 0 }

        func commit() async throws { open.commit() }
        func rollBack() async throws { open.rollBack() }
    }
}
