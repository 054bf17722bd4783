/// What a run is asked for.
package struct SuiteOptions: Sendable {
    /// How long faults happen, or the load runs.
    package var duration: Duration
    /// Chooses the faults and the load.
    package var seed: UInt64
    /// Which faults may happen.
    package var kinds: [FaultKind]
    /// Whether the run ends after each of the kinds has been tried once, if that is earlier.
    package var endsAfterOneRound: Bool
    /// Where the logs go and stay; nil: to a temporary folder that is removed after a run without findings.
    package var logs: String?
    /// How many events a second are appended.
    package var rate: Int
    /// This executable, which is also that of the nodes.
    package var program: String

    package init(
        duration: Duration, seed: UInt64, kinds: [FaultKind] = FaultKind.allCases, endsAfterOneRound: Bool = false,
        logs: String? = nil, rate: Int = 250, program: String
    ) {
        self.duration = duration
        self.seed = seed
        self.kinds = kinds
        self.endsAfterOneRound = endsAfterOneRound
        self.logs = logs
        self.rate = rate
        self.program = program
    }
}
