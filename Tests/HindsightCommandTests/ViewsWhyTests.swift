import Hindsight
import HindsightPostgres
import Subprocess
import Testing

@Suite("views why", .timeLimit(.minutes(5)))
struct ViewsWhyTests {
    private struct History: Decodable {
        struct Step: Decodable {
            var position: Int64
            var stream: String
            var type: String
            var before: Row?
            var after: Row?
            var changed: [String]
        }
        struct Row: Decodable {
            var lines: Int
            var total: Double
        }
        var name: String
        var key: [String: String]
        var steps: [Step]
        var step_count: Int
        var position: Int64
        var row: Row?
        var stored: Row?
        var comparison: String
        var remedy: String?
    }

    @Test("Shows each event and what it changed, and whether the row is the stored one")
    func history() async throws {
        try await ShopFixture.with { fixture in
            let shop = fixture.shop
            #expect(try await shop("events", "import", "-", input: Lines.orders(0..<10)).status == .exited(0))
            #expect(try await shop("run", "--until-caught-up").status == .exited(0))
            let why = try await shop("views", "why", "order_summary", "--key", "4")
            #expect(why.status == .exited(0), "\(why.error)")
            let events = why.lines.filter { $0.hasPrefix("position ") }
            #expect(events.count == 3 && events[0].hasPrefix("position 13  OrderLinePlaced  order-4 version 0  "))
            #expect(
                why.lines.contains(
                    "  {\"sku\":\"S1\",\"description\":\"THING\",\"quantity\":1,\"unitPrice\":\"2.50\",\"customer\":\"C4\",\"country\":\"France\"}"
                ))
            #expect(why.lines.contains("  lines: 1 -> 2") && why.lines.contains("  total: 2.50 -> 7.50"))
            #expect(
                why.lines.suffix(2) == [
                    "order_summary 4 (version 1) is this row after 3 events up to position 30.",
                    "It is the row that is stored.",
                ], "\(why.output)")

            let whole = try await shop("views", "why", "order_summary", "--key", "4", "--step", "--limit", "1")
            let rows = whole.lines.map { $0.split(separator: " ").joined(separator: " ") }
            #expect(rows.contains("column before after") && rows.contains("order_id 4 4"), "\(whole.output)")
            #expect(rows.contains("lines 2 3") && rows.count(where: { $0.hasPrefix("position") }) == 1)

            let before = try await shop("views", "why", "order_summary", "--key", "4", "--at", "14", "--json")
            let past = try before.json(as: History.self)
            #expect(past.steps.map(\.position) == [13, 14] && past.row?.lines == 2 && past.position == 14)
            #expect(past.comparison == "not compared" && past.key == ["order_id": "4"] && past.stored == nil)
            #expect(past.steps.map(\.changed.count) == [8, 4])

            let table: String = try await fixture.pool.withSession { session in
                try session.query("select view_table from hindsight.projections where name = 'order_summary'")[0]
                    .decode(0)
            }
            try await fixture.pool.withSession {
                try $0.script("update hindsight.\(table) set lines = 99 where order_id = '4'")
            }
            let edited = try await shop("views", "why", "order_summary", "--key", "4")
            #expect(edited.status == .exited(0))
            #expect(edited.lines.last?.hasPrefix("But the stored row has lines 99. ") == true, "\(edited.output)")
            #expect(
                edited.output.contains("`shop projections rebuild order_summary --key 4`"), "\(edited.output)")
            let json = try await shop("views", "why", "order_summary", "--key", "4", "--json").json(as: History.self)
            #expect(json.comparison == "differs" && json.stored?.lines == 99 && json.row?.lines == 3)
            #expect(json.remedy == "shop projections rebuild order_summary --key 4")
            try await fixture.expectSuccess("projections", "rebuild", "order_summary", "--key", "4")
            let mended = try await shop("views", "why", "order_summary", "--key", "4", "--limit", "0", "--json")
            let result = try mended.json(as: History.self)
            #expect(result.comparison == "same" && result.steps.isEmpty && result.step_count == 3)
        }
    }

    @Test("A compound key, a key without a row, and what is no key")
    func keys() async throws {
        try await ShopFixture.with { fixture in
            let shop = fixture.shop
            #expect(try await shop("events", "import", "-", input: Lines.orders(0..<10)).status == .exited(0))
            #expect(try await shop("run", "--until-caught-up").status == .exited(0))
            let day = try await shop(
                "views", "why", "daily_revenue", "--key", "2011-05-01", "--key", "France", "--limit", "2")
            #expect(day.lines.last == "It is the row that is stored.", "\(day.output) \(day.error)")
            #expect(day.output.contains("after 10 events up to position 30"))
            let none = try await shop("views", "why", "daily_revenue", "--key", "2012-05-01", "--key", "O'Land")
            #expect(
                none.lines == [
                    "daily_revenue 2012-05-01, O'Land (version 1) has no row after 0 events up to position 30.",
                    "None is stored either.",
                ])
            let wrong = try await shop("views", "why", "daily_revenue", "--key", "2011-05-01")
            #expect(wrong.status == .exited(1) && wrong.error.contains("key columns are day (date), country (text)"))
            #expect(try await shop("views", "why", "daily_revenue").status == .exited(64))
        }
    }
}
