import Hindsight
import HindsightPostgres
import Subprocess
import Testing

@Suite("doctor", .timeLimit(.minutes(5)))
struct DoctorCommandTests {
    private struct Report: Decodable {
        struct Finding: Decodable {
            struct Evidence: Decodable {
                var name: String
                var text: String
            }
            var severity: String
            var sentence: String
            var evidence: [Evidence]
            var remedy: String?
        }
        var worst: String?
        var findings: [Finding]
        var not_looked_at: [String]
    }

    @Test("Notes are no failure; a warning is; each finding has its remedy, as text and as JSON")
    func forms() async throws {
        try await ShopFixture.with { fixture in
            let shop = fixture.shop
            #expect(try await shop("events", "import", "-", input: Lines.orders(0..<10)).status == .exited(0))
            #expect(try await shop("run", "--until-caught-up").status == .exited(0))
            let sound = try await shop("doctor")
            #expect(sound.status == .exited(0) && sound.error.isEmpty, "\(sound.output) \(sound.error)")
            #expect(
                sound.output.contains("NOTE: No process keeps the views up to date.\n  To do: `shop run`\n"),
                "\(sound.output)")
            #expect(
                sound.lines.last?.hasPrefix("Found: ") == true && sound.lines.last?.hasSuffix("notes.") == true,
                "\(sound.output)")

            let read = try await shop("doctor", "--read-log")
            #expect(read.status == .exited(0) && read.output == sound.output, "\(read.output) \(read.error)")

            try await fixture.pool.withSession { try $0.script("drop index hindsight.events_type_position") }
            let harmed = try await shop("doctor")
            #expect(harmed.status == .exited(1) && harmed.error.isEmpty, "\(harmed.error)")
            #expect(
                harmed.lines.first?.hasPrefix("WARNING: The log has no index on (type, \"position\")") == true,
                "\(harmed.output)")
            let outcome = try await shop("doctor", "--json")
            #expect(outcome.status == .exited(1) && outcome.error.isEmpty, "\(outcome.error)")
            let json = try outcome.json(as: Report.self)
            #expect(json.worst == "warning" && json.not_looked_at.isEmpty)
            #expect(json.findings.first?.remedy?.hasPrefix("`create index concurrently events_type_position") == true)
        }
    }

    @Test("A log that is not there, or that this role may not read, is not looked at, and what was found stays")
    func unread() async throws {
        let empty = try await ShopProcess.inOwnDatabase()("doctor", "--read-log", "--json")
        #expect(empty.status == .exited(1) && empty.error.isEmpty, "\(empty.error)")
        let missing = try empty.json(as: Report.self)
        #expect(
            missing.findings.filter { $0.severity == "danger" }.map(\.sentence) == [
                "There is nothing in schema \"hindsight\" yet."
            ])
        #expect(
            missing.not_looked_at.contains {
                $0.hasPrefix("the events of the log: ") && $0.hasSuffix("run `database migrate`")
            }, "\(missing.not_looked_at)")

        try await ShopFixture.with { fixture in
            #expect(try await fixture.shop("events", "import", "-", input: Lines.orders(0..<10)).status == .exited(0))
            let role = "appender_\(UInt64.random(in: 0 ... .max))"
            let name = PostgresIdentifier(role)
            try await fixture.pool.withSession { session in
                try session.script("create role \(name.quoted) login")
                try session.script("set search_path = hindsight; select grant_append('\(role)'::regrole)")
            }
            let shop = ShopProcess(url: fixture.pool.configuration.conninfo + " user='\(role)'")
            let before = try await shop("doctor", "--json").json(as: Report.self)
            let outcome = try await shop("doctor", "--read-log", "--json")
            #expect(outcome.error.isEmpty, "\(outcome.error)")
            let after = try outcome.json(as: Report.self)
            #expect(after.findings.map(\.sentence) == before.findings.map(\.sentence))
            let added = after.not_looked_at.filter { !before.not_looked_at.contains($0) }
            #expect(added.count == 1 && added[0].contains("permission denied"), "\(added)")
            try await fixture.pool.withSession { session in
                try session.script("drop owned by \(name.quoted); drop role \(name.quoted)")
            }
        }
    }

    @Test("An empty database, and one that cannot be reached, are findings")
    func elsewhere() async throws {
        let empty = try await ShopProcess.inOwnDatabase()("doctor")
        #expect(empty.status == .exited(1))
        #expect(
            empty.lines.prefix(2) == [
                "DANGER: There is nothing in schema \"hindsight\" yet.", "  To do: `shop database migrate`",
            ], "\(empty.output)")
        let away = try await ShopProcess(url: "host=127.0.0.1 port=1 dbname=nothing")("doctor")
        #expect(away.status == .exited(1) && away.error.isEmpty, "\(away.error)")
        #expect(away.lines.first == "DANGER: The database cannot be reached.")
    }

    @Test("A rebuild whose process was killed is found, and is gone once the remedy was followed")
    func abandoned() async throws {
        let app = try await VersionsProcess()
        try await app.fill()
        let killed = try await app[.first].killed(["projections", "rebuild", "tally", "--throttle", "0.02"]) {
            while try await !app[.first]("projections", "list", "--json").output.contains(#""state":"rebuild""#) {
                try Task.checkCancellation()
            }
        }
        #expect(killed.status == .signaled(9))
        let found = try await app[.first]("doctor")
        #expect(found.status == .exited(1))
        #expect(found.output.contains("WARNING: The rebuild of tally version 1 was abandoned "), "\(found.output)")
        #expect(
            found.output.contains("`versions-app projections rebuild tally --cancel` gives it up"), "\(found.output)")
        #expect(try await app[.first]("projections", "rebuild", "tally", "--cancel").status == .exited(0))
        let after = try await app[.first]("doctor")
        #expect(after.status == .exited(0) && !after.output.contains("rebuild"), "\(after.output)")
    }
}
