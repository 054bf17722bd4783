import ArgumentParser

/// `database`: the database of the app, and the engine's schema in it.
struct DatabaseCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "database", abstract: "The app's database, and the schema of the event log in it.",
            subcommands: [
                DatabaseMigrateCommand<App>.self, DatabaseStatusCommand<App>.self, DatabaseShellCommand<App>.self,
                DatabaseURLCommand<App>.self,
            ])
    }
}
