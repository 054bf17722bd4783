import ArgumentParser
import Hindsight
import HindsightEventCentre
import HindsightNATS

/// `serve`: runs a node of the event centre.
struct ServeCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "serve", abstract: "Take commands and queries from other programs over NATS.",
            discussion: """
                Several processes may serve at once: each request goes to one of them. A command is answered with its receipt; handed in again \
                with the same id, it gets the same one, unless --keep-receipts has had that removed. Queries are answered from the views, which `run` keeps up to date.

                SIGINT and SIGTERM end it when it has answered what it has taken, with status 0. A second one, or the end of the time that this \
                is given, gives that up: nothing of it was receipted. Who the program is for NATS comes from the environment: \
                HINDSIGHT_NATS_CREDENTIALS names a credentials file.
                """)
    }

    @Option(help: "How many seconds a signal waits for the answers in flight, 0 to 86400.")
    var drainSeconds = 10

    @Option(
        help: ArgumentHelp(
            "How long receipts are kept after their commands have ended, such as 90m, 12h or 30d. (default: for ever)",
            valueName: "duration"))
    var keepReceipts: RetentionTime?

    @OptionGroup var centre: CentreOptions
    @OptionGroup var options: RuntimeOptions

    func validate() throws {
        guard (0...86_400).contains(drainSeconds) else {
            throw ValidationError("--drain-seconds is a whole number from 0 to 86400")
        }
    }

    func run() async throws {
        #if NATS
            let (nats, prefix) = (try centre.configuration(), centre.prefix ?? App.name)
            try await App.withRuntime(options, schema: .migrate) { runtime in
                let client = try NATSClient(nats, logger: runtime.logger)
                var configuration = EventCentreConfiguration()
                configuration.prefix = prefix
                configuration.receiptRetention = keepReceipts?.duration
                let node = EventCentre(
                    client, context: runtime.context, commands: App.commands, tasks: App.tasks,
                    configuration: configuration)
                runtime.output.note(
                    """
                    serving \(App.commands.names.count) commands, \(App.tasks.count) tasks and \(runtime.projections.count) views as \(prefix), \
                    with \(runtime.fullPlace); Ctrl-C ends it
                    """)
                try await CentreServices.run(
                    node, over: client, drainingWithin: .seconds(drainSeconds), logger: runtime.logger)
            }
        #else
            throw CommandError.withoutNATS("commands and queries cannot be taken over NATS")
        #endif
    }
}
