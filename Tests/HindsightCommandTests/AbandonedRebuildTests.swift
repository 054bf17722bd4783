import HindsightTestSupport
import Subprocess
import Testing

@Suite("Abandoned rebuilds", .timeLimit(.minutes(5)))
struct AbandonedRebuildTests {
    private struct Status: Decodable {
        var name: String
        var state: String
        var phase: String?
        var is_abandoned: Bool?
        var idle_seconds: Double?
        var node: String?
    }

    private let slowly = ["projections", "rebuild", "tally", "--throttle", "0.02"]

    private func rebuild(of app: VersionsProcess) async throws -> Status? {
        try await app[.first]("projections", "list", "--json").json(as: [Status].self).first { $0.state == "rebuild" }
    }

    /// Returns once a process is at work on a rebuild.
    private func untilAtWork(_ app: VersionsProcess) async throws {
        while try await rebuild(of: app)?.node == nil { try Task.checkCancellation() }
    }

    @Test("One whose process was killed is shown as abandoned, with its age and what to do; --cancel takes it away")
    func killed() async throws {
        let app = try await VersionsProcess()
        try await app.fill()
        let killed = try await app[.first].killed(slowly) { try await untilAtWork(app) }
        #expect(killed.status == .signaled(9))
        let status = try #require(try await rebuild(of: app))
        #expect(status.is_abandoned == true && status.node == nil && status.phase == "reading")
        #expect((0..<60).contains(try #require(status.idle_seconds)))
        let list = try await app[.first]("projections", "list")
        #expect(list.output.contains("tally"))
        #expect(list.output.contains("abandoned"), "\(list.output)")
        #expect(
            list.output.contains(/rebuild of tally version 1: abandoned \d+(\.\d)? s ago at position \d+ of 12:/),
            "\(list.output)")
        #expect(
            list.output.contains("`versions-app projections rebuild tally` goes on from position 0;"), "\(list.output)")
        #expect(list.output.contains("`versions-app projections rebuild tally --cancel` gives it up"), "\(list.output)")
        let versions = try await app[.first]("projections", "versions", "tally")
        #expect(versions.output.contains("abandoned"), "\(versions.output)")

        let cancelled = try await app[.first]("projections", "rebuild", "tally", "--cancel")
        #expect(cancelled.status == .exited(0), "\(cancelled.error)")
        #expect(cancelled.output == "tally version 1: the rebuild is given up, and its tables are gone\n")
        #expect(try await app.roles() == ["1 active"])
        #expect(try await rebuild(of: app) == nil)
        #expect(try await app[.first]("query", "tally", "--json").lines.count == 14)

        let nothing = try await app[.first]("projections", "rebuild", "tally", "--cancel")
        #expect(nothing.status == .exited(0))
        #expect(nothing.output == "tally: there is no rebuild to cancel\n")
        let json = try await app[.first]("projections", "rebuild", "tally", "--cancel", "--json")
        #expect(json.output == "{\"name\":\"tally\",\"cancelled\":[]}\n")
    }

    @Test("One that waits after a comparison is not abandoned, and can be cancelled by a program of another version")
    func waiting() async throws {
        let app = try await VersionsProcess()
        try await app.fill()
        let verified = try await app[.withCount]("projections", "rebuild", "tally", "--until", "verify")
        #expect(verified.status == .exited(0), "\(verified.error)")
        #expect(try await rebuild(of: app)?.is_abandoned == false)
        let list = try await app[.first]("projections", "list")
        #expect(list.output.contains("rebuild of tally version 2: verified, waits to be shown"), "\(list.output)")
        #expect(list.output.contains("the program that declares version 2"), "\(list.output)")
        let cancelled = try await app[.first]("projections", "rebuild", "tally", "--cancel", "--json")
        #expect(cancelled.output == "{\"name\":\"tally\",\"cancelled\":[2]}\n", "\(cancelled.error)")
        #expect(try await app.roles() == ["1 active"])
    }

    @Test func isNotTakenFromAProcessAtWork() async throws {
        let app = try await VersionsProcess()
        try await app.fill()
        let outcome = try await app[.first].killed(slowly) {
            try await untilAtWork(app)
            let cancelled = try await app[.first]("projections", "rebuild", "tally", "--cancel")
            #expect(cancelled.status == .exited(1))
            #expect(
                cancelled.error.contains("version 1 of projection \"tally\" is being rebuilt by "), "\(cancelled.error)"
            )
            #expect(cancelled.error.contains("end that process first"), "\(cancelled.error)")
            #expect(try await app.roles() == ["1 active", "1 rebuilding"])
        }
        #expect(outcome.status == .signaled(9))
    }

    @Test func refuseOtherOptions() async throws {
        let app = try await VersionsProcess()
        for option in ["--verify", "--restart", "--keep-old", "--key=1"] {
            let run = try await app[.first]("projections", "rebuild", "tally", "--cancel", option)
            #expect(run.status == .exited(64) && run.error.contains("--cancel"), "\(run.error)")
        }
        try await app.append(1...1)
        let unknown = try await app[.first]("projections", "rebuild", "nothing", "--cancel")
        #expect(
            unknown.status == .exited(1) && unknown.error.contains("there is no projection \"nothing\""),
            "\(unknown.error)")
    }
}
