import HindsightTestSupport
import Subprocess
import Testing

@Suite("database shell and url", .timeLimit(.minutes(5)))
struct DatabaseShellTests {
    private struct Address: Decodable {
        var url: String
        var is_private: Bool
    }

    @Test func runPsqlInTheDatabase() async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        #expect(try await shop("events", "import", "-", input: Lines.orders(0..<2)).status == .exited(0))
        let count = try await shop(
            "database", "shell", "--", "--no-psqlrc", "-At", "-c", "select count(*) from hindsight.events")
        #expect(count.status == .exited(0), "\(count.error)")
        #expect(count.output == "6\n")
        let bare = try await shop("database", "shell", "-AtX", "-c", "select 7", "--schema", "hindsight")
        #expect(bare.status == .exited(0) && bare.output == "7\n", "\(bare.error)")
        let json = try await shop("database", "shell", "-AtX", "--", "-c", "select 8", "--set", "json=1")
        #expect(json.output == "8\n", "\(json.error)")
        let help = try await ShopProcess(url: "host=127.0.0.1 port=1")("database", "shell", "--help")
        #expect(help.status == .exited(0) && help.output.contains("USAGE: shop database shell"), "\(help.error)")
        let script = try await shop("database", "shell", "--", "-AtX", input: "select 1 + 1;\n")
        #expect(script.output == "2\n", "\(script.error)")
        let wrong = try await shop("database", "shell", "--", "-AtX", "-c", "select nonsense")
        #expect(wrong.status == .exited(1))
        #expect(wrong.error.contains("nonsense"))
    }

    @Test func runPsqlInThePrivateDatabase() async throws {
        let folder = "/tmp/hindsight-shop-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        let watchdog = try await Watchdog.start(over: folder)
        let shop = ShopProcess(folder: folder)
        let shell = try await shop("database", "shell", "--", "-AtX", "-c", "select current_database()")
        #expect(shell.status == .exited(0), "\(shell.error)")
        #expect(shell.output == "hindsight\n")
        #expect(shell.error.contains("making a new private database in \(folder)"), "\(shell.error)")
        let again = try await shop("database", "url")
        #expect(again.status == .exited(0))
        #expect(again.output.hasPrefix("postgresql://"), "\(again.output)")
        #expect(!again.error.contains("making a new private database"))
        #expect(again.error.contains("only while"), "\(again.error)")
        let json = try await shop("database", "url", "--json").json(as: Address.self)
        #expect(json.is_private && json.url + "\n" == again.output)
        let run = try await shop("run", "--until-caught-up")
        #expect(run.error.contains("the private database in \(folder)"), "\(run.error)")
        withExtendedLifetime(watchdog) {}
    }

    @Test("The URL that it prints is one that psql takes, and names no password unless it is asked to")
    func url() async throws {
        let url = try await TestCluster.shared.makeDatabase()
        let printed = try await ShopProcess(url: url)("database", "url")
        #expect(printed.status == .exited(0), "\(printed.error)")
        let address = try #require(printed.lines.first)
        let direct = try await ShopProcess(url: address)(
            "database", "shell", "--", "-AtX", "-c", "select current_database()")
        let same = try await ShopProcess(url: url)("database", "shell", "--", "-AtX", "-c", "select current_database()")
        #expect(direct.output == same.output && !direct.output.isEmpty)

        // The test server asks for none, and so takes any.
        let secret = "s3cret/ @:"
        let withPassword = ShopProcess(url: address, variables: ["PGPASSWORD": secret])
        #expect(try await withPassword("database", "url").output == printed.output)
        let shown = try await withPassword("database", "url", "--with-password")
        #expect(shown.output.contains(":s3cret%2F%20%40%3A@"), "\(shown.output)")
        let inURL = try await ShopProcess(url: #require(shown.lines.first))("database", "url")
        #expect(inURL.output == printed.output)
    }

    @Test("Ctrl-C is psql's: it cancels the statement, and the status is psql's own")
    func interrupt() async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        let sleeping = "select count(*) from pg_stat_activity where query = 'select pg_sleep(60)'"
        var options = PlatformOptions()
        // A group of its own, as a terminal has for the program in the foreground.
        options.createSession = true
        let result = try await Subprocess.run(
            .path(shop.program), arguments: ["database", "shell", "--", "-X", "-c", "select pg_sleep(60)"],
            environment: shop.environment, platformOptions: options, input: .none, output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16)
        ) { execution in
            while try await shop("database", "shell", "--", "-AtX", "-c", sleeping).output != "1\n" {
                try Task.checkCancellation()
            }
            try execution.send(signal: .interrupt, toProcessGroup: true)
        }
        #expect(result.terminationStatus == .exited(1))
        #expect(result.standardError.contains("canceling statement"), "\(result.standardError)")
    }

    @Test func runSaysWhichDatabaseItIs() async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        let name =
            try await shop("database", "shell", "--", "-AtX", "-c", "select current_database()").lines.first ?? "none"
        let run = try await shop("run", "--until-caught-up")
        #expect(run.error.contains("in the database of DATABASE_URL (\(name) on "), "\(run.error)")
    }
}
