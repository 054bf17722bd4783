import ArgumentParser

/// Three nodes under load and faults, or under load for long. `scripts/test --faults` and `scripts/test --soak` run it.
@main
struct FaultSuite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault-suite",
        abstract: "Runs three nodes under load, with faults or for long, and judges what has become of the views.",
        subcommands: [FaultsCommand.self, SoakCommand.self, NodeCommand.self], defaultSubcommand: FaultsCommand.self)
}
