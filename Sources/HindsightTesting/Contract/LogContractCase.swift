public import HindsightLog

/// One requirement that every log must meet, as a value: run it from any test library.
public struct LogContractCase: Sendable, CustomStringConvertible {
    /// The requirements of the case beyond a log.
    public struct Needs: Hashable, Sendable {
        /// Abilities that the log must have.
        public var abilities: LogAbilities = []
        /// Abilities that the log must lack, because the case is about the refusal.
        public var absences: LogAbilities = []
        /// The hooks that the test must have into the log.
        public var hooks: Set<LogUnderTest.Hook> = []

        /// A description of what a log lacks for the case; empty if nothing.
        func missing(_ abilities: LogAbilities, _ hooks: Set<LogUnderTest.Hook>) -> [String] {
            let lacking = self.abilities.subtracting(abilities)
            let given = absences.intersection(abilities)
            return (lacking.isEmpty ? [] : ["the ability \(lacking)"])
                + (given.isEmpty ? [] : ["a log without \(given)"])
                + self.hooks.subtracting(hooks).map { "the hook \($0.rawValue)" }.sorted()
        }
    }

    /// What the log must do; unique. Cases for a requirement that is stated elsewhere begin with its id.
    public let name: String
    /// The requirements of the case.
    public let needs: Needs
    /// Runs the case on an empty log; if it fails, throws ``LogContractFailure`` or the log's error.
    public let run: @Sendable (LogUnderTest) async throws -> Void

    init(
        _ name: String, abilities: LogAbilities = [], absences: LogAbilities = [],
        hooks: Set<LogUnderTest.Hook> = [], _ run: @escaping @Sendable (LogUnderTest) async throws -> Void
    ) {
        self.name = name
        needs = Needs(abilities: abilities, absences: absences, hooks: hooks)
        self.run = run
    }

    /// The name.
    public var description: String { name }
}
