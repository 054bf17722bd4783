import ArgumentParser

/// `database`: the engine's schema.
struct DatabaseCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "database", abstract: "The schema of the event log.",
            subcommands: [DatabaseMigrateCommand<App>.self, DatabaseStatusCommand<App>.self])
    }
}
