import ArgumentParser

/// `views`: the rows that projections keep.
struct ViewsCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "views", abstract: "Look into the rows of views.", subcommands: [ViewsWhyCommand<App>.self])
    }
}
