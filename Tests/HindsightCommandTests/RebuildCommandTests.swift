import Subprocess
import Testing

@Suite("projections rebuild, rollback and versions", .timeLimit(.minutes(5)))
struct RebuildCommandTests {
    private struct Report: Decodable {
        struct Comparison: Decodable {
            struct Example: Decodable {
                var change: String
                var key: String
                var old: String?
                var new: String?
            }
            var equal: Int
            var changed: Int
            var added: Int
            var missing: Int
            var columns: [String]
            var other_columns: [String]
            var old_offset: Int64
            var new_offset: Int64
            var examples: [Example]
        }
        var name: String
        var version: Int
        var outcome: String
        var offset: Int64
        var events_applied: Int64
        var rows: Int64
        var seconds: Double
        var rate: Double
        var comparison: Comparison?
    }

    private struct Version: Decodable {
        var version: Int
        var role: String
        var table: String?
        var offset: Int64
        var lag: Int64
        var events_applied: Int64
        var bytes: Int64
        var shown_at: String?
        var created_at: String
        var node: String?
    }

    private struct RolledBack: Decodable {
        var name: String
        var version: Int
        var offset: Int64
        var lag: Int64
    }

    private func filled() async throws -> ShopProcess {
        let shop = try await ShopProcess.inOwnDatabase()
        #expect(try await shop("events", "import", "-", input: Lines.orders(0..<30)).status == .exited(0))
        return shop
    }

    @Test func fillAndShowAView() async throws {
        let shop = try await filled()
        let text = try await shop("projections", "rebuild", "order_summary")
        #expect(text.status == .exited(0), "\(text.error)")
        #expect(
            text.output.hasPrefix(
                """
                order_summary version 1 is shown: 30 rows from 90 events up to position 90, \
                the log's count and checksum agree; 
                """), "\(text.output)")
        #expect(try await shop("projections", "export", "order_summary").lines.count == 31)

        let json = try await shop("projections", "rebuild", "order_summary", "daily_revenue", "--json")
        let reports = try json.lines.map { try ShopProcess.Outcome(output: $0).json(as: Report.self) }
        #expect(reports.map(\.name) == ["order_summary", "daily_revenue"])
        #expect(reports.allSatisfy { $0.outcome == "swapped" && $0.offset == 90 && $0.events_applied == 90 })
        #expect(reports.map(\.rows) == [30, 3])
        #expect(reports.allSatisfy { $0.version == 1 && $0.seconds > 0 && $0.rate > 0 && $0.comparison == nil })
    }

    @Test func compareBeforeTheSwapOrInsteadOfIt() async throws {
        let shop = try await filled()
        #expect(try await shop("run", "--until-caught-up").status == .exited(0))
        let verify = try await shop("projections", "rebuild", "order_summary", "--verify")
        #expect(verify.lines.first == "order_summary: 30 rows equal, 0 changed, 0 added, 0 missing")
        #expect(verify.lines.count == 2)

        #expect(try await shop("events", "import", "-", input: Lines.orders(30..<32)).status == .exited(0))
        let json = try await shop("projections", "rebuild", "order_summary", "--until", "verify", "--json")
        let report = try json.json(as: Report.self)
        #expect(report.outcome == "verified")
        let comparison = try #require(report.comparison)
        #expect(comparison.equal == 30 && comparison.added == 2 && comparison.missing == 0 && comparison.changed == 0)
        #expect(comparison.old_offset == 90 && comparison.new_offset == 96)
        #expect(comparison.columns.first == "customer" && comparison.other_columns.isEmpty)
        #expect(comparison.examples.map(\.change) == ["added", "added"])
        #expect(comparison.examples.first?.key == #"{"order_id": "30"}"#)
        #expect(comparison.examples.first?.old == nil && comparison.examples.first?.new != nil)
        #expect(try await shop("projections", "export", "order_summary").lines.count == 31)

        let text = try await shop("projections", "rebuild", "order_summary", "--until", "verify")
        #expect(text.output.contains("order_summary: 30 rows equal, 0 changed, 2 added, 0 missing"))
        #expect(text.output.contains("the old rows are at position 90, the new ones at 96"))
        #expect(text.output.contains(#"added {"order_id": "30"}: "#))
        #expect(text.output.contains("order_summary version 1 waits: 32 rows from 96 events"))
        let roles = try await shop("projections", "versions", "order_summary", "--json").json(as: [Version].self)
        #expect(roles.map(\.role) == ["active", "rebuilding"])

        #expect(try await shop("projections", "rebuild", "order_summary").status == .exited(0))
        #expect(try await shop("projections", "export", "order_summary").lines.count == 33)
    }

    @Test func keepTheOldRowsAndGoBack() async throws {
        let shop = try await filled()
        #expect(try await shop("run", "--until-caught-up").status == .exited(0))
        let nothing = try await shop("projections", "rollback", "order_summary")
        #expect(nothing.status == .exited(1))
        #expect(nothing.error.contains("rebuild it with --keep-old to have a way back"), "\(nothing.error)")

        let kept = try await shop("projections", "rebuild", "order_summary", "--keep-old", "--parallel", "3")
        #expect(kept.status == .exited(0), "\(kept.error)")
        let versions = try await shop("projections", "versions", "order_summary", "--json").json(as: [Version].self)
        #expect(versions.map(\.role) == ["active", "kept"])
        #expect(versions.map(\.table) == ["order_summary_v1_2", "order_summary_v1"])
        #expect(versions.allSatisfy { $0.version == 1 && $0.offset == 90 && $0.lag == 0 && $0.events_applied == 90 })
        #expect(versions.allSatisfy { $0.bytes > 0 && $0.shown_at != nil && $0.node == nil })

        #expect(try await shop("events", "import", "-", input: Lines.orders(30..<31)).status == .exited(0))
        let back = try await shop("projections", "rollback", "order_summary", "--json").json(as: RolledBack.self)
        #expect(back.name == "order_summary" && back.version == 1 && back.offset == 90 && back.lag == 3)
        let forth = try await shop("projections", "rollback", "order_summary")
        #expect(forth.output == "order_summary shows version 1 at position 90, 3 behind the log\n")

        let table = try await shop("projections", "versions", "order_summary")
        #expect(table.lines.first?.split(separator: " ").prefix(5) == ["version", "role", "table", "offset", "lag"])
        #expect(table.lines.count == 4)
        #expect(table.lines[2].contains("active") && table.lines[2].contains("order_summary_v1_2"))
    }

    @Test(arguments: [
        ["--memory", "63MB"], ["--memory", "lots"], ["--memory", "-1GB"], ["--memory", "1TB x"], ["--memory", ""],
        ["--throttle", "0"], ["--throttle", "-5"], ["--throttle", "slow"], ["--throttle", "inf"],
        ["--throttle", "nan"], ["--parallel", "0"], ["--parallel", "65"], ["--parallel", "x"], ["--until", "done"],
    ])
    func refuseValues(arguments: [String]) async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        // After "=", so that a leading "-" is a value's.
        let run = try await shop.run(["projections", "rebuild", "order_summary", arguments.joined(separator: "=")])
        #expect(run.status == .exited(64), "\(run.error)")
        #expect(run.error.contains(arguments[0]), "\(run.error)")
    }

    @Test(arguments: [
        ["--memory", "64MB"], ["--memory", "64MiB"], ["--memory", "0.5GB"], ["--memory", "67108864"],
        ["--throttle", "auto"], ["--throttle", "1e6"], ["--parallel", "64"],
    ])
    func acceptValues(arguments: [String]) async throws {
        let shop = try await filled()
        let run = try await shop.run(["projections", "rebuild", "order_summary"] + arguments)
        #expect(run.status == .exited(0), "\(run.error)")
    }

    @Test func nameWhatIsUnknown() async throws {
        let shop = try await filled()
        for command in ["rebuild", "rollback", "versions"] {
            let run = try await shop("projections", command, "nothing")
            #expect(run.status == .exited(1))
            #expect(run.error.contains("there is no projection \"nothing\"; there are order_summary,"), "\(run.error)")
        }
        #expect(try await shop("projections", "rebuild").status == .exited(64))
        let twice = try await shop("projections", "rebuild", "order_summary", "order_summary")
        #expect(twice.status == .exited(1) && twice.error.contains("named twice"))
    }

    @Test func nameTheEventThatStopsARebuild() async throws {
        let shop = try await filled()
        let broken = try await shop(
            "events", "append", "order-1", "--type", "OrderLinePlaced", "--data", "{\"sku\":7}", "--force")
        #expect(broken.status == .exited(0))
        let run = try await shop("projections", "rebuild", "order_summary", "--json")
        #expect(run.status == .exited(1))
        #expect(run.output.isEmpty)
        #expect(run.error.contains("position 91"), "\(run.error)")
        #expect(run.error.contains("stream order-1"), "\(run.error)")
    }
}

extension ShopProcess.Outcome {
    /// A line of another command's output.
    fileprivate init(output: String) {
        self.init(status: .exited(0), output: output, error: "")
    }
}
