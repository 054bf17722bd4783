import ArgumentParser

/// `projections`: the projections that keep the views up to date.
struct ProjectionsCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "projections", abstract: "Look after projections and their views.",
            subcommands: [
                ProjectionsListCommand<App>.self, ProjectionsWhyCommand<App>.self, ProjectionsPauseCommand<App>.self,
                ProjectionsResumeCommand<App>.self, ProjectionsResetCommand<App>.self,
                ProjectionsRebuildCommand<App>.self, ProjectionsRollbackCommand<App>.self,
                ProjectionsVersionsCommand<App>.self, ProjectionsVerifyCommand<App>.self,
                ProjectionsExportCommand<App>.self, ProjectionsParkedCommand<App>.self,
                ProjectionsRetryCommand<App>.self, ProjectionsHealCommand<App>.self, ProjectionsMoveCommand<App>.self,
            ])
    }
}
