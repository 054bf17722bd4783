public import HindsightLog

/// The results of the contract's cases on one log, and the inventory of cases that were left out.
public struct LogContractReport: Sendable {
    /// The cases that the log has passed.
    public internal(set) var passed: [String] = []
    /// The cases that the log has failed, and how.
    public internal(set) var failed: [(name: String, error: any Error)] = []
    /// The abilities that the log declares.
    public internal(set) var abilities: LogAbilities = []
    /// The hooks that the test had into the log.
    public internal(set) var hooks: Set<LogUnderTest.Hook> = []

    /// A summary of the cases that were run, and their results.
    public init() {}

    /// Everything that keeps the log from passing: failures, and cases that were left out without an excuse. Empty for
    /// a log that keeps the contract.
    ///
    /// A case that needs an ability that the log does not declare is rightly left out. A case that needs a hook must be
    /// excused by name, with the reason, so that a log does not pass because its test forgot something. An excuse for a
    /// case that was run, or that does not exist, is a problem as well.
    ///
    /// - Parameters:
    ///   - excuses: the names of cases that cannot be run on this log, and why.
    ///   - cases: the existing cases. Defaults to all.
    public func problems(
        excusing excuses: [String: String] = [:], of cases: [LogContractCase] = LogContract.cases
    ) -> [String] {
        let run = Set(passed).union(failed.map(\.name))
        var problems = failed.map { "\($0.name): \($0.error)" }
        for entry in cases where !run.contains(entry.name) && excuses[entry.name] == nil {
            let isRefusal = !entry.needs.absences.intersection(abilities).isEmpty
            if isRefusal || !entry.needs.abilities.isSubset(of: abilities) { continue }
            let missing = entry.needs.missing(abilities, hooks)
            problems.append(
                missing.isEmpty
                    ? "\(entry.name): was not run"
                    : "\(entry.name): was not run, because it needs \(missing.joined(separator: ", ")); give that, or excuse the case"
            )
        }
        let names = Set(cases.map(\.name))
        for name in excuses.keys.sorted() {
            if run.contains(name) { problems.append("\(name): is excused, but was run") }
            if !names.contains(name) { problems.append("\(name): is excused, but there is no such case") }
        }
        return problems
    }
}
