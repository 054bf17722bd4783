import ArgumentParser

/// The root command: the app's own commands and the engine's.
struct RootCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: App.name, abstract: App.abstract,
            discussion: """
                The database is the one that DATABASE_URL names, else the one of the usual PG… variables, else a private one in \
                the folder that HINDSIGHT_HOME names; if it names none, in .hindsight, looked for in this folder and those above, \
                and made beside the nearest Package.swift, or here if there is none.
                The log is in the database, unless --log or HINDSIGHT_LOG names a stream of JetStream.
                Results go to standard output, everything else to standard error. The exit status is 0 only on success.
                """,
            version: version,
            subcommands: [
                RunCommand<App>.self, ServeCommand<App>.self, DatabaseCommand<App>.self, EventsCommand<App>.self,
                ProjectionsCommand<App>.self, SubscriptionsCommand<App>.self, NodesCommand<App>.self,
                ViewsCommand<App>.self, QueryCommand<App>.self,
                DoctorCommand<App>.self,
                CheckCommand<App>.self,
            ] + App.subcommands)
    }

    private static var version: String {
        "\(App.name)\(App.version.isEmpty ? "" : " \(App.version)"), Hindsight \(HindsightVersion.text)"
    }
}
