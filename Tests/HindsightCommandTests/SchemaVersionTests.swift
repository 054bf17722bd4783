import HindsightTestSupport
import Subprocess
import Testing

/// One rule for all that comes in: the app's current schema version, unless the event says another.
@Suite("The schema version of an event", .timeLimit(.minutes(3)))
struct SchemaVersionTests {
    private struct Read: Decodable, Equatable {
        var type: String
        var schema: Int
    }

    private func line(_ type: String, _ data: String, schema: String? = nil) -> String {
        let member = schema.map { ",\"schema\":\($0)" } ?? ""
        return #"{"stream":"s-1","type":"\#(type)","at":"2020-01-01T00:00:00Z","data":\#(data)\#(member)}"# + "\n"
    }

    private func read(_ app: ShopProcess) async throws -> [Read] {
        try await app("events", "read", "--json").lines.map { line in
            try ShopProcess.Outcome(status: .exited(0), output: line, error: "").json()
        }
    }

    @Test("is the current one for import and append alike, and an export says it")
    func isTheCurrentOne() async throws {
        let app = ShopProcess(url: try await TestCluster.shared.makeDatabase(), app: "trap-app")
        let lines =
            line("Points", #"{"points":5}"#) + line("Points", #"{"score":5}"#, schema: "1")
            + line("Points", #"{"points":6}"#, schema: "null") + line("Other", "{}") + line("Other", "[]", schema: "7")
        #expect(try await app("events", "import", "-", input: lines).status == .exited(0))
        for (type, data) in [("Points", #"{"points":7}"#), ("Other", "1")] {
            let outcome = try await app("events", "append", "s-1", "--type", type, "--data", data, "--force")
            #expect(outcome.status == .exited(0), "\(outcome.error)")
        }
        let expected = [2, 1, 2, 1, 7, 2, 1]
        #expect(try await read(app).map(\.schema) == expected)
        let export = try await app("events", "export")
        #expect(export.lines.allSatisfy { $0.contains(",\"schema\":") })
        // Another app, whose current versions are others, reads what the export says.
        let shop = try await ShopProcess.inOwnDatabase()
        #expect(try await shop("events", "import", "-", input: export.output).status == .exited(0))
        #expect(try await read(shop).map(\.schema) == expected)
    }

    @Test("decides how data is read: what was points stays points")
    func decidesHowDataIsRead() async throws {
        let app = ShopProcess(url: "host=/nowhere", app: "trap-app")
        let current = try await app("events", "import", "-", "--check", input: line("Points", #"{"points":5}"#))
        #expect(current.status == .exited(0), "\(current.error)")
        let old = try await app("events", "import", "-", "--check", input: line("Points", #"{"score":5}"#))
        #expect(old.status == .exited(1))
        #expect(old.output.contains("-:1:") || old.output.contains("standard input:1:"), "\(old.output)")
        #expect(old.output.contains("\"points\" is missing"), "\(old.output)")
    }

    @Test(arguments: ["import", "append"]) func isExplainedByTheHelp(command: String) async throws {
        let help = try await ShopProcess(url: "host=/nowhere")("events", command, "--help")
        let text = help.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("current"), "\(text)")
        #expect(text.contains("1 for a type that"), "\(text)")
    }
}
