import HindsightTestSupport
import Subprocess
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Nobody has to prepare anything, and nobody has to be the first.
@Suite("Many processes that start at once on nothing", .serialized, .timeLimit(.minutes(5)))
struct FirstStartTests {
    private static let append = ["events", "append", "note-1", "--type", "Note", "--data", "{}", "--force"]

    /// Commands of every kind that may come first.
    private static let commands: [[String]] = [
        ["events", "import", "-"], ["events", "import", "-"], ["run", "--until-caught-up"],
        ["run", "--until-caught-up"],
        append, append, ["simulate", "--orders", "2"], ["database", "migrate"], ["database", "status"],
        ["projections", "rebuild", "order_summary"], ["projections", "rebuild", "order_summary", "daily_revenue"],
        // View schemas that are missing, too, in the one log and in another one.
        ["run", "--until-caught-up", "--view-schema", "shown"], ["run", "--until-caught-up", "--view-schema", "shown"],
        ["run", "--until-caught-up", "--schema", "other", "--view-schema", "shown_other"],
        ["events", "import", "-", "--schema", "other"], append + ["--schema", "third"],
    ]

    private func expectAllSucceed(_ shop: ShopProcess) async throws {
        let lines = Lines.orders(0..<20)
        let failures = try await withThrowingTaskGroup(of: String?.self) { tasks in
            for command in Self.commands {
                tasks.addTask {
                    let outcome = try await shop.run(command, input: lines)
                    return outcome.status == .exited(0) ? nil : "\(command): \(outcome.status) \(outcome.error)"
                }
            }
            return try await tasks.reduce(into: [String]()) { if let failure = $1 { $0.append(failure) } }
        }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
        // What each of them was for has come about, once.
        let caughtUp = try await shop("run", "--until-caught-up")
        #expect(caughtUp.status == .exited(0), "\(caughtUp.error)")
        let events = try await shop("events", "export")
        #expect(events.lines.count { $0.contains("\"OrderLinePlaced\"") && $0.contains("\"S1\"") } == 20)
        #expect(events.lines.count { $0.contains("\"Note\"") } == 2)
        #expect(try await shop("query", "order_summary", "--limit", "1", "--json").output.contains("\"order_id\""))
    }

    @Test(arguments: 1...2) func shareADatabase(round: Int) async throws {
        try await expectAllSucceed(try await ShopProcess.inOwnDatabase())
    }

    @Test func shareAPrivateServer() async throws {
        let folder = "/tmp/hindsight-first-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        defer {
            // What cannot be removed is left to the system.
            try? FileManager.default.removeItem(atPath: folder)
        }
        try await expectAllSucceed(ShopProcess(folder: "\(folder)/not/there/yet"))
    }
}
