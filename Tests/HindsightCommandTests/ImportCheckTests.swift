import Hindsight
import Subprocess
import Testing

@Suite("What an import finds in a file", .timeLimit(.minutes(3)))
struct ImportCheckTests {
    private struct Imported: Decodable {
        var stored: Int
        var unknown_types: [String: Int]
    }

    private struct Checked: Decodable {
        struct Failure: Decodable, Equatable {
            var line: Int
            var reason: String
        }

        var read: Int
        var decoded: Int
        var failed: Int
        var failures: [Failure]
        var unknown_types: [String: Int]
    }

    private func line(_ number: Int, type: String, data: String = "{}") -> String {
        #"{"stream":"s-\#(number)","type":"\#(type)","at":"2020-01-01T00:00:00Z","data":\#(data)}"# + "\n"
    }

    private var unknown: String {
        (1...3).map { line($0, type: "order_line_placed") }.joined() + line(4, type: "New\\u001bThing")
    }

    @Test func listsUnknownTypesWithTheirCounts() async throws {
        try await ShopFixture.with { fixture in
            let text = Lines.orders(0..<1) + unknown
            let outcome = try await fixture.shop("events", "import", "-", input: text)
            #expect(outcome.status == .exited(0), "\(outcome.error)")
            #expect(
                outcome.lines.dropFirst() == [
                    "no event or projection of this app has these types:",
                    "  \"order_line_placed\": 3 events; the nearest that it knows is \"OrderLinePlaced\"",
                    "  \"New Thing\": 1 event; the nearest that it knows is \"AdjustmentMade\"",
                ])
            let again = try await fixture.shop("events", "import", "-", "--json", input: text).json(as: Imported.self)
            #expect(again.stored == 0)
            #expect(again.unknown_types == ["order_line_placed": 3, "New\u{1b}Thing": 1])
            let known = try await fixture.shop("events", "import", "-", input: Lines.orders(0..<1))
            #expect(known.lines.count == 1, "\(known.output)")
        }
    }

    @Test func decodesEverythingAndStoresNothing() async throws {
        // It needs no database, so there is none.
        let shop = ShopProcess(url: "host=/nowhere")
        let good = Lines.orders(0..<500)
        let text = good + line(1, type: "OrderLinePlaced", data: #"{"sku":7}"#) + "{\n" + unknown
        for zipped in [false, true] {
            let bytes = zipped ? try await Lines.gzipped(text) : Array(text.utf8)
            let (people, program) = try await Lines.withFile(bytes) { path in
                (
                    try await shop("events", "import", path, "--check"),
                    try await shop("events", "import", path, "--check", "--json")
                )
            }
            for outcome in [people, program] {
                #expect(outcome.status == .exited(1))
                #expect(
                    outcome.error.contains("2 of 1,506 lines are no events, or cannot be decoded"), "\(outcome.error)")
                #expect(outcome.error.contains("the first is line 1501"))
            }
            #expect(
                people.output.contains(":1501: the data cannot be read as OrderLinePlaced, schema version 1: \"sku\""))
            #expect(people.output.contains(":1502: unexpected end of input"), "\(people.output)")
            #expect(people.output.contains("1,506 lines read, 1,500 decoded, nothing stored"), "\(people.output)")
            #expect(people.output.contains("\"order_line_placed\": 3 events"))
            let checked = try program.json(as: Checked.self)
            #expect(checked.read == 1_506 && checked.decoded == 1_500 && checked.failed == 2)
            #expect(checked.failures.map(\.line) == [1_501, 1_502])
            #expect(checked.unknown_types.values.sorted() == [1, 3])
        }
        let fine = try await shop("events", "import", "-", "--check", input: good + unknown)
        #expect(fine.status == .exited(0), "\(fine.error)")
    }

    @Test func saysFromWhereOnNothingCanBeRead() async throws {
        let shop = ShopProcess(url: "host=/nowhere")
        let first = try await Lines.gzipped(Lines.orders(0..<1))
        let second = try await Lines.gzipped(Lines.orders(1..<2))
        let outcome = try await Lines.withFile(first + second.dropLast(6)) {
            try await shop("events", "import", $0, "--check")
        }
        #expect(outcome.status == .exited(1))
        #expect(outcome.output.contains("3 decoded"), "\(outcome.output)")
        #expect(outcome.error.contains("from line 4 on nothing can be read"), "\(outcome.error)")
    }

    @Test func namesTheFirstOfManyFailures() async throws {
        let text = (1...50).map { line($0, type: "OrderLinePlaced") }.joined()
        let outcome = try await ShopProcess(url: "host=/nowhere")("events", "import", "-", "--check", input: text)
        #expect(outcome.lines.count == 22)
        #expect(outcome.output.contains("and 30 more"))
    }
}
