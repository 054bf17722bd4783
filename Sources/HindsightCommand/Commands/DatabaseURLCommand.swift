import ArgumentParser
import HindsightPostgres

/// `database url`: prints the address of the app's database.
struct DatabaseURLCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "url", abstract: "Print the address of the app's database, as psql and DATABASE_URL take it.",
            discussion: """
                Passwords are left out unless they are asked for. A private server accepts connections only from users who may enter its \
                folder, and only while a command of the app uses it: `\(App.name) run`, or `\(App.name) database shell`.
                """)
    }

    @Flag(help: "Print the password too, where one is configured.")
    var withPassword = false

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withDatabase(options) { choice, database in
            let url = try ClientAddress(database).url(withSecrets: withPassword)
            let output = App.output(options)
            try output.result(["url": .string(url), "is_private": .bool(choice.isLocal)], text: url)
            guard choice.isLocal else { return }
            output.note(
                "its server runs only while a command of the app does, such as `\(App.name) run` or `\(App.name) database shell`"
            )
        }
    }
}
