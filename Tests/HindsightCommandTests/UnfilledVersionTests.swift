import Subprocess
import Testing

@Suite("A version that is not filled yet, and one that cannot be set up", .timeLimit(.minutes(5)))
struct UnfilledVersionTests {
    private struct Status: Decodable {
        var name: String
        var state: String
        var events_applied: Int64
        var error: String?
    }

    @Test(
        "A query with columns that are not there yet says which version is shown, and what to do",
        arguments: ["query", "export"])
    func otherColumns(command: String) async throws {
        let app = try await VersionsProcess()
        try await app.fill()
        let arguments = command == "query" ? ["query", "tally"] : ["projections", "export", "tally"]
        let run = try await app[.withCount].run(arguments)
        #expect(run.status == .exited(1))
        #expect(run.output.isEmpty)
        #expect(
            run.error == """
                versions-app: version 2 of "tally", which this program declares, is not filled yet: version 1 is shown, which has no \
                column "events". `versions-app run` fills version 2 and shows it, and so does `versions-app projections rebuild tally`

                """)
        let filled = try await app[.withCount]("run", "--until-caught-up")
        #expect(filled.status == .exited(0), "\(filled.error)")
        #expect(try await app[.withCount].run(arguments).status == .exited(0))

        let old = try await app[.first].run(arguments)
        #expect(old.status == .exited(1))
        #expect(old.error.contains("version 2 of \"tally\" is shown, which has no column \"sum\""), "\(old.error)")
        #expect(old.error.contains("this program declares version 1"), "\(old.error)")
    }

    @Test("Rows of the version before are shown with a note, where they have the same columns")
    func sameColumns() async throws {
        let app = try await VersionsProcess()
        try await app.fill(1...1)
        let run = try await app[.doubledInVersion2]("query", "tally")
        #expect(run.status == .exited(0))
        #expect(run.lines.last?.split(separator: " ") == ["1", "1"])
        #expect(run.error.contains("these are rows of version 1: version 2 of \"tally\""), "\(run.error)")
        #expect(run.error.contains("`versions-app projections rebuild tally`"), "\(run.error)")
    }

    @Test("A setUp that fails is named, and stops its projection only")
    func setUpFails() async throws {
        let app = try await VersionsProcess()
        try await app.append(1...3)
        let run = try await app[.withBrokenTable]("run", "--until-caught-up")
        #expect(run.status == .exited(1))
        #expect(
            run.error.contains("projection \"audit\" stopped: statement 2 of 2 of its setUp failed: "), "\(run.error)")
        #expect(run.error.contains("moneys"), "\(run.error)")
        #expect(run.error.split(separator: "moneys").count == 2, "once: \(run.error)")
        let list = try await app[.withBrokenTable]("projections", "list", "--json").json(as: [Status].self)
        #expect(list.map(\.name) == ["tally", "audit", "ledger"])
        #expect(list.map(\.events_applied) == [3, 0, 3])
        #expect(list[1].state == "stopped")
        #expect(list[1].error?.contains("statement 2 of 2 of its setUp failed") == true)
        #expect(list[0].error == nil && list[2].error == nil)

        // Nothing of it is left, and the same program says the same again.
        #expect(try await app[.withBrokenTable]("run", "--until-caught-up").status == .exited(1))
        let resumed = try await app[.withBrokenTable]("projections", "resume", "audit")
        #expect(resumed.status == .exited(1))
        #expect(resumed.error.contains("\"audit\"") && resumed.error.contains("statement 2 of 2"), "\(resumed.error)")

        let mended = try await app[.withMendedTable]("run", "--until-caught-up")
        #expect(mended.status == .exited(0), "\(mended.error)")
        let after = try await app[.withMendedTable]("projections", "list", "--json").json(as: [Status].self)
        #expect(after.allSatisfy { $0.events_applied == 3 && $0.error == nil && $0.state == "idle" })
    }
}
