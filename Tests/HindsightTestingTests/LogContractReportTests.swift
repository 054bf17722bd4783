import HindsightLog
import HindsightTesting
import Testing

/// The inventory: a log does not pass because something was left out.
@Suite("What was left out of the contract", .timeLimit(.minutes(2)))
struct LogContractReportTests {
    private func problems(
        _ cases: [LogContractCase] = LogContract.cases, abilities: LogAbilities = [.eventsByID, .holes],
        excusing excuses: [String: String] = [:], hooks: Bool = true
    ) async -> [String] {
        let report = await LogContract.check(cases) { body in
            let log = InMemoryEventLog(abilities: abilities, pollInterval: .milliseconds(20))
            let rewind: @Sendable (Int64) async throws -> Void = { log.rewind(to: $0) }
            try await body(LogUnderTest(log: log, rewind: hooks ? rewind : nil))
        }
        return report.problems(excusing: excuses)
    }

    private var held: [String: String] {
        Dictionary(
            uniqueKeysWithValues: LogContract.cases.filter { $0.needs.hooks.contains(.openAppend) }.map {
                ($0.name, "no hook")
            })
    }

    @Test func namesAreUnique() {
        #expect(Set(LogContract.cases.map(\.name)).count == LogContract.cases.count)
    }

    @Test func aCaseThatWasLeftOutIsAProblem() async {
        let problems = await problems(Array(LogContract.cases.dropFirst()), excusing: held)
        #expect(problems == ["\(LogContract.cases[0].name): was not run"])
    }

    @Test func aHookThatIsMissingMustBeExcused() async {
        #expect(await problems(excusing: held).isEmpty)
        let missing = await problems()
        #expect(missing.count == held.count && missing.allSatisfy { $0.contains("the hook openAppend") })
        let rewind = await problems(excusing: held, hooks: false)
        #expect(rewind.count == 1 && rewind.allSatisfy { $0.contains("the hook rewind") })
    }

    @Test func anAbilityThatIsMissingNeedsNoExcuse() async {
        #expect(await problems(abilities: .holes, excusing: held).isEmpty)
    }

    @Test func anExcuseThatExcusesNothingIsAProblem() async {
        var excuses = held
        excuses["no such case"] = "there is none"
        excuses[LogContract.cases[0].name] = "not needed"
        let problems = await problems(excusing: excuses)
        #expect(problems.count == 2)
    }

    /// A log that breaks the contract is found out.
    @Test func aFailureIsAProblem() async throws {
        let first = try #require(LogContract.cases.first { $0.name.hasPrefix("read: an empty log") })
        let report = await LogContract.check([first]) { body in
            let log = InMemoryEventLog()
            try await log.append(NewEvent(type: "There", data: Array("{}".utf8)), to: "a-1")
            try await body(LogUnderTest(log: log))
        }
        #expect(report.failed.map(\.name) == [first.name])
        #expect(report.problems(of: [first]).count == 1)
    }
}
