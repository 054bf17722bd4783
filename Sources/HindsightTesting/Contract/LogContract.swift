import HindsightLog

/// The contract of a log, as cases that run against any log.
///
/// ```swift
/// @Test func keepsTheContract() async throws {
///     let report = await LogContract.check { body in
///         try await body(LogUnderTest(log: MyLog()))
///     }
///     for problem in report.problems() { Issue.record("\(problem)") }
/// }
/// ```
///
/// No test library is needed: a case is a value with a closure that throws. The report's
/// ``LogContractReport/problems(excusing:of:)`` include an inventory: a case that was left out is a problem.
public enum LogContract {
    /// All cases.
    public static let cases: [LogContractCase] =
        appending + idempotence + reading + ranges + streams + places + rewinding + frontier + counting + waking
        + refusing

    /// The time limit of a case: 30 seconds.
    public static let timeLimit: Duration = .seconds(30)

    /// Runs the cases that apply to a log, one after another, each on a log of its own.
    ///
    /// - Parameters:
    ///   - cases: which cases to run. Defaults to all.
    ///   - withLog: makes an empty log, calls its parameter with it, and cleans up afterwards.
    public static func check(
        _ cases: [LogContractCase] = cases,
        withLog: (_ body: @escaping @Sendable (LogUnderTest) async throws -> Void) async throws -> Void
    ) async -> LogContractReport {
        var report = LogContractReport()
        let progress = Progress()
        for entry in cases {
            do {
                try await withLog { log in
                    let (abilities, hooks) = (log.log.abilities, log.hooks)
                    await progress.note(abilities, hooks, runs: entry.needs.missing(abilities, hooks).isEmpty)
                    guard await progress.runs else { return }
                    try await withTimeLimit { try await entry.run(log) }
                }
                if await progress.runs { report.passed.append(entry.name) }
            } catch {
                report.failed.append((entry.name, error))
            }
        }
        report.abilities = await progress.abilities
        report.hooks = await progress.hooks
        return report
    }

    /// The abilities and hooks of the last log.
    private actor Progress {
        private(set) var abilities: LogAbilities = []
        private(set) var hooks: Set<LogUnderTest.Hook> = []
        private(set) var runs = false

        func note(_ abilities: LogAbilities, _ hooks: Set<LogUnderTest.Hook>, runs: Bool) {
            self.abilities = abilities
            self.hooks = hooks
            self.runs = runs
        }
    }

    private static func withTimeLimit(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await body() }
            tasks.addTask {
                try await Task.sleep(for: timeLimit)
                throw LogContractFailure("the case has not ended within \(timeLimit)")
            }
            try await tasks.next()
            tasks.cancelAll()
        }
    }
}
