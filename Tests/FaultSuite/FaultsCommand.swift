import ArgumentParser
import FaultSuiteCore

struct FaultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults", abstract: "Injects faults, and checks that the views survive them.")

    @Option(help: "For how many minutes; also a part of one.") var minutes = 5.0
    @OptionGroup var common: CommonOptions
    @Flag(help: "Bring about each of a few quick faults once, and end then.") var quick = false

    @Option(help: "Only this kind, by the name of its case, such as killedInBatch; may be repeated.")
    var only: [FaultKind] = []

    func run() async throws {
        let kinds =
            !only.isEmpty
            ? only
            : quick
                ? FaultKind.allCases.filter { ![.otherBuild, .suspendedAtHead, .suspendedInBatch].contains($0) }
                : FaultKind.allCases
        let options = SuiteOptions(
            duration: .seconds(minutes * 60), seed: common.chosenSeed, kinds: kinds, endsAfterOneRound: quick,
            logs: common.logs, rate: common.rate, program: try SuiteProgram.path)
        try await CommonOptions.end { try await FaultRun(options, print: CommonOptions.say).run() }
    }
}

extension FaultKind: ExpressibleByArgument {
    /// By the name of its case.
    public init?(argument: String) {
        guard let kind = Self.allCases.first(where: { "\($0)" == argument }) else { return nil }
        self = kind
    }

    /// The names of all cases.
    public static var allValueStrings: [String] { allCases.map { "\($0)" } }
}
