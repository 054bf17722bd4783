import HindsightTestSupport
import Subprocess
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("database, and the database by default", .timeLimit(.minutes(5)))
struct DatabaseCommandTests {
    private struct Status: Decodable {
        struct Migration: Decodable {
            var number: Int
            var name: String
            var applied: Bool
        }
        struct Log: Decodable {
            var id: String
            var head: Int64
            var events: Int64
            var streams: Int64
        }
        var schema: String
        var up_to_date: Bool
        var migrations: [Migration]
        var log: Log?
    }

    @Test func showsWhatIsMissingAndAppliesIt() async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        let before = try await shop("database", "status", "--json").json(as: Status.self)
        #expect(!before.up_to_date && before.log == nil)
        #expect(before.migrations.allSatisfy { !$0.applied })

        let reading = try await shop("events", "read")
        #expect(reading.status == .exited(1))
        #expect(
            reading.error == """
                shop: there is no event log in schema "hindsight" of the database of DATABASE_URL yet: run `shop database migrate`

                """)

        #expect(try await shop("database", "migrate").output.contains("applied 0001_event_log.sql"))
        #expect(try await shop("database", "migrate").output == "schema \"hindsight\" is up to date\n")
        #expect(try await shop("events", "import", "-", input: Lines.orders(0..<2)).status == .exited(0))
        let after = try await shop("database", "status", "--json").json(as: Status.self)
        #expect(after.up_to_date)
        #expect(after.log?.events == 6 && after.log?.streams == 2 && after.log?.head == 6)
    }

    @Test func keepsLogsInSchemasOfTheirOwn() async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        let odd = "Odd \"schema\"; drop"
        #expect(
            try await shop("events", "import", "-", "--schema", odd, input: Lines.orders(0..<1)).status == .exited(0))
        #expect(try await shop("run", "--until-caught-up", "--schema", odd, "--view-schema", odd).status == .exited(0))
        #expect(
            try await shop("query", "order_summary", "--schema", odd, "--view-schema", odd, "--json").lines.count == 3)
        #expect(try await shop("database", "status", "--json").json(as: Status.self).log == nil)
    }

    @Test func saysAtOnceThatItCannotBeReached() async throws {
        let outcome = try await ShopProcess(url: "postgres://me:se%20cret@127.0.0.1:1/db")("projections", "list")
        #expect(outcome.status == .exited(1))
        #expect(outcome.error.hasPrefix("shop: the database of DATABASE_URL cannot be used: "))
        let malformed = try await ShopProcess(url: "password=secret nonsense")("projections", "list", "--json")
        #expect(malformed.status == .exited(1))
        #expect(!(outcome.error + malformed.error).contains("cret "))
        #expect(!(outcome.error + malformed.error).contains("secret"))
    }

    @Test func isPrivateByDefaultAndStoppedOnEveryWayOut() async throws {
        let folder = "/tmp/hindsight-shop-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        let watchdog = try await Watchdog.start(over: folder)
        let shop = ShopProcess(folder: folder)
        func isStopped() -> Bool {
            ["data", "cluster/data"].allSatisfy {
                !FileManager.default.fileExists(atPath: "\(folder)/\($0)/postmaster.pid")
            }
        }
        // Any command may be the first, and migrates.
        #expect(try await shop("projections", "list").status == .exited(0))
        #expect(isStopped())
        #expect(try await shop("events", "import", "-", input: "nonsense").status == .exited(1))
        #expect(isStopped())
        #expect(try await shop("events", "import", "-", input: Lines.orders(0..<2)).status == .exited(0))
        let run = try await shop("events", "read", "--follow", "--json", send: .terminate, afterOutput: 6)
        #expect(run.status == .exited(0))
        #expect(isStopped())
        let silent = try await shop.silent(
            "events", "import", "-", "--log-level", "debug", send: .interrupt, afterError: "database ready")
        #expect(silent.status == .exited(128 + 2), "\(silent.error)")
        #expect(isStopped())
        withExtendedLifetime(watchdog) {}
    }
}
