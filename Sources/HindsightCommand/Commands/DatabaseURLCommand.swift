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
        try await App.withRuntime(options, schema: .leave) { runtime in
            let url = try ClientAddress(runtime.database).url(withSecrets: withPassword)
            try runtime.output.result(["url": .string(url), "is_private": .bool(runtime.isPrivate)], text: url)
            guard runtime.isPrivate else { return }
            runtime.output.note(
                "its server runs only while a command of the app does, such as `\(App.name) run` or `\(App.name) database shell`"
            )
        }
    }
}
