import ArgumentParser
import HindsightCluster
import HindsightPostgres

/// `database shell`: runs `psql` in the app's database.
struct DatabaseShellCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "shell", abstract: "Run psql in the app's database.",
            discussion: """
                A private server runs at least until psql ends. Ctrl-C is psql's: it cancels a statement. The exit status is psql's own. \
                The newest psql is taken of those in the folder that HINDSIGHT_POSTGRES_BIN names, else of those of the installed \
                servers and in PATH. Views are in schema public, events in schema hindsight, unless options say otherwise. \
                For example: \(App.name) database shell -- -c 'select count(*) from hindsight.events'
                """)
    }

    @OptionGroup var options: RuntimeOptions

    @Argument(
        parsing: .allUnrecognized,
        help: "What psql gets as its arguments. After -- all of it is psql's, also what is an option of this command.")
    var arguments: [String] = []

    func run() async throws {
        let status = try await App.withDatabase(options) { _, database in
            guard let client = try await TerminalClient.find() else {
                throw CommandError(
                    """
                    psql is not found: apt-get install postgresql-client (macOS: brew install libpq), or name its folder with \
                    HINDSIGHT_POSTGRES_BIN
                    """)
            }
            let address = try ClientAddress(database)
            let place = address.conninfo.map { ["--dbname=\($0)"] } ?? []
            var arguments = arguments
            // The parser leaves it in its place.
            if let terminator = arguments.firstIndex(of: "--") { arguments.remove(at: terminator) }
            let own = arguments
            return try await Interruptions.leavingInterrupts {
                try await client.run(place + own, variables: address.environment)
            }
        }
        guard status == 0 else { throw ExitCode(status) }
    }
}
