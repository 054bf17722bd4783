import HindsightLog

/// What every log must do, as cases that run against any of them.
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
/// Nothing here needs a test library: a case is a value with a closure that throws. The report's ``LogContractReport/problems(excusing:of:)``
/// are the inventory: it fails when a case was left out.
public enum LogContract {
    /// All cases.
    public static let cases: [LogContractCase] =
        appending + idempotence + reading + ranges + streams + places + rewinding + frontier + counting + waking
        + refusing

    /// How long a case may take: 30 seconds.
    public static let timeLimit: Duration = .seconds(30)

    /// Runs the cases that a log can be asked, each on a log of its own, one after the other.
    ///
    /// - Parameters:
    ///   - cases: which cases to run. Defaults to all.
    ///   - withLog: makes an empty log, calls its parameter with it, and clears up afterwards.
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

    /// What the last log could do.
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
