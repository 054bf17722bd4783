import Subprocess
import Testing

@Suite("projections rebuild --verify, where rows differ", .timeLimit(.minutes(5)))
struct RebuildDifferenceTests {
    private struct Report: Decodable {
        struct Comparison: Decodable {
            var equal: Int
            var changed: Int
            var new_columns: [String]
            var gone_columns: [String]
            var retyped_columns: [String]
        }
        var outcome: String
        var comparison: Comparison?
        var not_compared: String?
    }

    private let rebuild = ["projections", "rebuild", "tally"]

    /// The sums that the view shows, by the streams' ids.
    private func shown(_ app: VersionsProcess) async throws -> String {
        try await app[.first]("projections", "export", "tally").lines.dropFirst().joined(separator: " ")
    }

    @Test(
        "Without a terminal differences are shown and refused; the new rows wait for what is decided",
        arguments: [[], ["--fail-on-difference"]])
    func refused(flag: [String]) async throws {
        let app = try await VersionsProcess()
        try await app.fill(1...2)
        let run = try await app[.doubled].run(rebuild + ["--verify"] + flag)
        #expect(run.status == .exited(1))
        #expect(run.lines.first == "tally: 0 rows equal, 2 changed, 0 added, 0 missing", "\(run.output)")
        #expect(run.output.contains(#"changed {"id": "1"}: {"sum": 1} -> {"sum": 2}"#), "\(run.output)")
        for remedy in ["--allow-difference", "--restart", "--cancel"] {
            #expect(run.error.contains("`versions-app projections rebuild tally \(remedy)`"), "\(run.error)")
        }
        #expect(try await shown(app) == "1,1 2,2")
        #expect(try await app.roles() == ["1 active", "1 rebuilding"])

        let allowed = try await app[.doubled].run(rebuild + ["--allow-difference"])
        #expect(allowed.status == .exited(0), "\(allowed.error)")
        #expect(allowed.lines.first == "tally: 0 rows equal, 2 changed, 0 added, 0 missing")
        #expect(try await shown(app) == "1,2 2,4")
        #expect(try await app.roles() == ["1 active"])
    }

    @Test func refusedForPrograms() async throws {
        let app = try await VersionsProcess()
        try await app.fill(1...2)
        let run = try await app[.doubled].run(rebuild + ["--verify", "--json"])
        #expect(run.status == .exited(1))
        let report = try run.json(as: Report.self)
        #expect(report.outcome == "differs" && report.comparison?.changed == 2)
        #expect(run.error.split(separator: "\n").last?.hasPrefix(#"{"error":"#) == true, "\(run.error)")
    }

    @Test func nothingStandsAgainstEqualRows() async throws {
        let app = try await VersionsProcess()
        try await app.fill()
        let run = try await app[.first].run(rebuild + ["--fail-on-difference"])
        #expect(run.status == .exited(0), "\(run.error)")
        #expect(run.lines.first == "tally: 12 rows equal, 0 changed, 0 added, 0 missing")
        #expect(run.output.contains("is shown"))
    }

    @Test("Columns that are new or gone are named, and are no difference")
    func columns() async throws {
        let app = try await VersionsProcess()
        try await app.fill()
        let only = try await app[.withCount].run(rebuild + ["--until", "verify", "--json"]).json(as: Report.self)
        #expect(only.comparison?.new_columns == ["events"])
        #expect(only.comparison?.gone_columns == ["sum"])
        #expect(only.comparison?.retyped_columns == [])
        let run = try await app[.withCount].run(rebuild + ["--fail-on-difference"])
        #expect(run.status == .exited(0), "\(run.error)")
        #expect(run.lines.first == "tally: 12 rows equal, 0 changed, 0 added, 0 missing")
        #expect(run.output.contains("  new column: events\n  gone column: sum\n"), "\(run.output)")
        #expect(try await app[.withCount]("query", "tally", "--limit", "1", "--json").output.contains(#""events":1"#))
    }

    @Test("Rows with another key cannot be called equal")
    func anotherKey() async throws {
        let app = try await VersionsProcess()
        try await app.fill()
        let run = try await app[.withAnotherKey].run(rebuild + ["--verify"])
        #expect(run.status == .exited(1))
        #expect(run.output.contains("not compared, the old rows have the key"), "\(run.output)")
        #expect(run.error.contains("--allow-difference"), "\(run.error)")
        #expect(try await app.roles() == ["2 rebuilding", "1 active"])
        let allowed = try await app[.withAnotherKey].run(rebuild + ["--allow-difference"])
        #expect(allowed.status == .exited(0), "\(allowed.error)")
    }

    @Test func theFirstRowsOfAllDifferFromNothing() async throws {
        let app = try await VersionsProcess()
        try await app.append(1...3)
        let run = try await app[.first].run(rebuild + ["--fail-on-difference"])
        #expect(run.status == .exited(0), "\(run.error)")
        #expect(run.lines.first == "tally: not compared, nothing is shown yet")
    }

    @Test(
        "On a terminal it asks, and the answer counts",
        arguments: [("y\n", true), ("yes\n", true), ("n\n", false), ("\n", false)])
    func asked(answer: String, isYes: Bool) async throws {
        let app = try await VersionsProcess()
        try await app.fill(1...2)
        let run = try await app[.doubled].run(rebuild + ["--verify"], on: PseudoTerminal(), typing: answer)
        #expect(run.status == .exited(isYes ? 0 : 1))
        #expect(run.lines.first == "tally: 0 rows equal, 2 changed, 0 added, 0 missing", "\(run.output)")
        #expect(run.error.contains("show the new rows of tally all the same? [y/N]"), "\(run.error)")
        #expect(try await shown(app) == (isYes ? "1,2 2,4" : "1,1 2,2"))
        #expect(try await app.roles() == (isYes ? ["1 active"] : ["1 active", "1 rebuilding"]))
        #expect(run.output.contains("is shown") == isYes)
    }

    @Test func refuseContradictions() async throws {
        let app = try await VersionsProcess()
        for flags in [["--fail-on-difference", "--allow-difference"], ["--allow-difference", "--until", "verify"]] {
            #expect(try await app[.first].run(rebuild + flags).status == .exited(64))
        }
    }
}
