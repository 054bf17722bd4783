import ArgumentParser

/// `events`: the events in the log.
struct EventsCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "events", abstract: "Write and read events.",
            subcommands: [
                EventsImportCommand<App>.self, EventsExportCommand<App>.self, EventsAppendCommand<App>.self,
                EventsReadCommand<App>.self, EventsMirrorCommand<App>.self,
            ])
    }
}
