public import HindsightLog

/// One thing that every log must do, as a value: run it from any test library.
public struct LogContractCase: Sendable, CustomStringConvertible {
    /// What the case needs beyond a log.
    public struct Needs: Hashable, Sendable {
        /// Abilities that the log must have.
        public var abilities: LogAbilities = []
        /// Abilities that the log must lack, because the case is about the refusal.
        public var absences: LogAbilities = []
        /// What the test must be able to do to the log.
        public var hooks: Set<LogUnderTest.Hook> = []

        /// What a log lacks for the case, in words; empty if nothing.
        func missing(_ abilities: LogAbilities, _ hooks: Set<LogUnderTest.Hook>) -> [String] {
            let lacking = self.abilities.subtracting(abilities)
            let given = absences.intersection(abilities)
            return (lacking.isEmpty ? [] : ["the ability \(lacking)"])
                + (given.isEmpty ? [] : ["a log without \(given)"])
                + self.hooks.subtracting(hooks).map { "the hook \($0.rawValue)" }.sorted()
        }
    }

    /// What the log must do; unique. Cases that stand for a requirement elsewhere begin with its id.
    public let name: String
    /// What the case needs.
    public let needs: Needs
    /// Runs the case on an empty log, and throws ``LogContractFailure`` or what the log throws when it fails.
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
