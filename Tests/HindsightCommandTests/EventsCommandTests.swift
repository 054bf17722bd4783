import Subprocess
import Testing

@Suite("events append and events read", .timeLimit(.minutes(5)))
struct EventsCommandTests {
    private struct Appended: Decodable, Equatable {
        var position: Int64
        var version: Int64
        var duplicate: Bool
    }

    private struct Read: Decodable {
        var position: Int64
        var version: Int64
        var stream: String
        var type: String
        var schema: Int
    }

    @Test func appendOnce() async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        let id = "0190163d-8694-739b-aea5-966c26f8ad91"
        func append(_ expected: String, data: String = "{}") async throws -> ShopProcess.Outcome {
            try await shop(
                "events", "append", "order-1", "--type", "T", "--data", data, "--expected", expected, "--id", id,
                "--force", "--json")
        }
        #expect(
            try await append("no-stream").json() == Appended(position: 1, version: 0, duplicate: false))
        #expect(try await append("no-stream").json() == Appended(position: 1, version: 0, duplicate: true))
        let other = try await append("any", data: "[]")
        #expect(other.status == .exited(1))
        #expect(other.error.hasPrefix("{\"error\":\"events are stored already"))
        #expect(other.output.isEmpty)
    }

    @Test func refuseAnotherVersionThanExpected() async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        let outcome = try await shop(
            "events", "append", "s", "--type", "T", "--data", "{}", "--expected", "3", "--force")
        #expect(outcome.status == .exited(1))
        #expect(outcome.error == "shop: stream \"s\" was expected at version 3, but there is no such stream\n")
    }

    @Test(arguments: [
        ["--data", "{"], ["--data", "{}", "--expected", "-1"], ["--data", "{}", "--id", "x"],
        ["--data", "{}", "--meta", "[]"],
        ["--data", "{}", "--at", "today"],
        ["--data", "{}", "--correlation", String(repeating: "c", count: 1_025)],
        ["--data", "{}", "--causation", String(repeating: "c", count: 1_025)],
        ["--data", "{}", "--schema-version", "0"],
    ])
    func refuseWrongArguments(arguments: [String]) async throws {
        // Nothing is looked up, so there need not be a database.
        let shop = ShopProcess(url: "host=/nowhere")
        let outcome = try await shop.run(["events", "append", "s", "--type", "T"] + arguments)
        #expect(outcome.status == .exited(64))
        #expect(outcome.output.isEmpty)
        let asJSON = try await shop.run(["events", "append", "s", "--type", "T", "--json"] + arguments)
        #expect(asJSON.status == .exited(64))
        #expect(asJSON.error.hasPrefix("{\"error\":"))
    }

    @Test func refuseATypeThatNobodyKnows() async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        let arguments = ["events", "append", "order-1", "--type", "order line placd", "--data", "{}"]
        let refused = try await shop.run(arguments)
        #expect(refused.status == .exited(1))
        #expect(refused.output.isEmpty)
        #expect(
            refused.error == """
                shop: no event or projection of shop has the type "order line placd"; the nearest name that it knows is \
                "OrderLinePlaced". To append it anyway, add --force

                """)
        #expect(try await shop.run(arguments + ["--json"]).error.hasPrefix("{\"error\":\"no event or projection"))
        #expect(try await shop.run(arguments + ["--force", "--json"]).json(as: Appended.self).position == 1)
    }

    @Test func refuseDataThatItsTypeCannotRead() async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        let arguments = ["events", "append", "order-1", "--type", "OrderLinePlaced", "--data", "{\"sku\":7}"]
        let refused = try await shop.run(arguments)
        #expect(refused.status == .exited(1))
        #expect(
            refused.error.hasPrefix(
                "shop: the data cannot be read as OrderLinePlaced, schema version 1: \"sku\" is not String"),
            "\(refused.error)")
        #expect(refused.error.hasSuffix("add --force\n"))
        let other = try await shop.run(arguments + ["--schema-version", "2"])
        #expect(other.error.contains("schema version 2: schema version 2 is not known, only 1"), "\(other.error)")
        #expect(try await shop.run(arguments + ["--force", "--json"]).json(as: Appended.self).position == 1)
    }

    @Test func readTheLogAndItsStreams() async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        #expect(try await shop("events", "import", "-", input: Lines.orders(1..<4)).status == .exited(0))
        func positions(_ arguments: String...) async throws -> [Int64] {
            let outcome = try await shop.run(["events", "read"] + arguments + ["--json"])
            #expect(outcome.status == .exited(0), "\(outcome.error)")
            return try outcome.lines.map { line in
                try ShopProcess.Outcome(status: .exited(0), output: line, error: "").json(as: Read.self).position
            }
        }
        #expect(try await positions() == Array(1...9))
        #expect(try await positions("--from", "3", "--limit", "2") == [3, 4])
        #expect(try await positions("--backward", "--limit", "2") == [9, 8])
        #expect(try await positions("--backward", "--from", "2") == [2, 1])
        #expect(try await positions("--stream", "order-2") == [4, 5, 6])
        #expect(try await positions("--stream", "order-2", "--from", "1") == [5, 6])
        #expect(try await positions("--stream", "order-2", "--backward", "--from", "1") == [5, 4])
        #expect(try await positions("--type", "Nothing", "--type", "OrderLinePlaced", "--limit", "1") == [1])
        #expect(try await positions("--type", "Nothing").isEmpty)
        #expect(try await positions("--limit", "0").isEmpty)
        #expect(try await positions("--follow", "--limit", "4") == [1, 2, 3, 4])
    }

    @Test func showTablesToPeople() async throws {
        let shop = try await ShopProcess.inOwnDatabase()
        let appended = try await shop(
            "events", "append", "order-1", "--type", "T", "--data", "{\"a\":1}", "--at", "2020-01-01T00:00:00Z",
            "--force")
        #expect(appended.output == "appended: order-1 version 0, position 1\n")
        let read = try await shop("events", "read")
        #expect(
            read.lines == [
                "position  stream   version  type  at                    data",
                "--------  -------  -------  ----  --------------------  -------",
                "       1  order-1        0  T     2020-01-01T00:00:00Z  {\"a\":1}",
            ])
    }

    @Test func endQuietlyWhenNobodyReads() async throws {
        try await ShopFixture.with { fixture in
            #expect(
                try await fixture.shop("events", "import", "-", input: Lines.orders(0..<2_000)).status == .exited(0))
            let outcome = try await fixture.shop.unread("events", "export")
            #expect(outcome.status == .exited(128 + 13))
            #expect(outcome.error.isEmpty)
        }
    }
}
