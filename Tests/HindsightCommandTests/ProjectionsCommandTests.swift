import Subprocess
import Testing

@Suite("run, projections and query", .timeLimit(.minutes(5)))
struct ProjectionsCommandTests {
    private struct Status: Decodable {
        var name: String
        var version: Int
        var state: String
        var offset: Int64
        var head: Int64
        var lag_events: Int64
        var lag_seconds: Double
        var events_applied: Int64
        var rate: Double
        var node: String?
        var error: String?
    }

    private func filled(_ orders: Range<Int>) async throws -> ShopProcess {
        let shop = try await ShopProcess.inOwnDatabase()
        #expect(try await shop("events", "import", "-", input: Lines.orders(orders)).status == .exited(0))
        return shop
    }

    @Test func keepTheViewsUpToDate() async throws {
        let shop = try await filled(0..<30)
        let before = try await shop("projections", "list", "--json").json(as: [Status].self)
        #expect(before.map(\.name) == ["order_summary", "customer_value", "product_sales", "daily_revenue"])
        #expect(before.allSatisfy { $0.state == "new" && $0.lag_events == 90 && $0.head == 90 && $0.lag_seconds > 0 })

        let run = try await shop("run", "--until-caught-up")
        #expect(run.status == .exited(0), "\(run.error)")
        let after = try await shop("projections", "list", "--json").json(as: [Status].self)
        #expect(after.allSatisfy { $0.offset == 90 && $0.lag_events == 0 && $0.lag_seconds == 0 })
        #expect(after.allSatisfy { $0.events_applied == 90 && $0.error == nil })

        let reset = try await shop("projections", "reset", "daily_revenue", "--json")
        #expect(reset.output == "{\"name\":\"daily_revenue\",\"reset\":true}\n")
        #expect(try await shop("projections", "export", "daily_revenue").lines.count == 1, "the header")
        #expect(try await shop("run", "--until-caught-up", "--json").status == .exited(0))
        #expect(try await shop("projections", "export", "daily_revenue").lines.count == 4)
    }

    @Test func exportViewsInTheOrderOfTheirKeys() async throws {
        let shop = try await filled(0..<3)
        #expect(try await shop("run", "--until-caught-up").status == .exited(0))
        let csv = try await shop("projections", "export", "order_summary")
        #expect(
            csv.lines == [
                "order_id,customer,country,lines,quantity,total,first_at,last_at",
                "0,C0,France,3,6,15.00,2011-05-01T10:00:00Z,2011-05-03T10:00:00Z",
                "1,C1,France,3,6,15.00,2011-05-01T10:00:00Z,2011-05-03T10:00:00Z",
                "2,C2,France,3,6,15.00,2011-05-01T10:00:00Z,2011-05-03T10:00:00Z",
            ])
        let json = try await shop("projections", "export", "order_summary", "--format", "json")
        #expect(
            json.lines[1] == """
                {"order_id":"0","customer":"C0","country":"France","lines":3,"quantity":6,"total":15.00,\
                "first_at":"2011-05-01T10:00:00Z","last_at":"2011-05-03T10:00:00Z"},
                """)
        #expect(json.lines.first == "[" && json.lines.last == "]")
    }

    @Test func queryAView() async throws {
        let shop = try await filled(0..<5)
        #expect(try await shop("run", "--until-caught-up").status == .exited(0))
        let table = try await shop(
            "query", "order_summary", "--where", "country=France", "--order", "order_id:desc", "--limit", "1")
        #expect(
            table.lines == [
                "order_id  customer  country  lines  quantity  total  first_at              last_at",
                "--------  --------  -------  -----  --------  -----  --------------------  --------------------",
                "4         C4        France       3         6  15.00  2011-05-01T10:00:00Z  2011-05-03T10:00:00Z",
            ])
        #expect(try await shop("query", "order_summary", "--where", "customer=x' or '1'='1", "--json").output == "[]\n")
        let column = try await shop("query", "order_summary", "--where", "nothing=1")
        #expect(column.status == .exited(1))
        #expect(column.error.contains("view \"order_summary\" has no column \"nothing\"; it has order_id, customer,"))
        let value = try await shop("query", "order_summary", "--where", "lines=many")
        #expect(value.error.contains("\"many\" is not a value of column \"lines\""))
        #expect(
            try await shop("query", "nothing").error.contains(
                "there is no projection \"nothing\"; there are order_summary,"))
    }

    @Test func queryAViewAsFreshAsAsked() async throws {
        let shop = try await filled(0..<2)
        let early = try await shop("query", "order_summary", "--at-least", "6", "--timeout", "100ms")
        #expect(early.status == .exited(1))
        #expect(early.error.contains("is not there yet"), "\(early.error)")
        #expect(try await shop("run", "--until-caught-up").status == .exited(0))
        let table = try await shop("query", "order_summary", "--where", "order_id=1", "--at-least", "6")
        #expect(table.lines.count == 3)
        #expect(table.error.contains("the rows reflect position 6"), "\(table.error)")
        let json = try await shop("query", "order_summary", "--at-least", "6", "--json")
        #expect(json.lines.first == #"{"position":6,"rows":["#)
        #expect(json.lines.count == 4 && json.lines.last == "]}")
        let none = try await shop("query", "order_summary", "--where", "order_id=x", "--at-least", "0", "--json")
        #expect(none.output == #"{"position":6,"rows":[]}"# + "\n")
        let late = try await shop("query", "order_summary", "--at-least", "7", "--timeout", "100ms")
        #expect(late.status == .exited(1) && late.output.isEmpty)
        #expect(late.error.contains("has not come to position 7 within 0.1 seconds: it stands at 6"), "\(late.error)")
        #expect(late.error.contains("the log itself ends at 6"))
        #expect(try await shop("query", "order_summary", "--at-least", "7", "--timeout", "soon").status == .exited(64))
    }

    @Test func sayWhatToDoWhenThereIsNoViewYet() async throws {
        let shop = try await filled(0..<1)
        let outcome = try await shop("query", "order_summary")
        #expect(outcome.status == .exited(1))
        #expect(outcome.output.isEmpty)
        #expect(outcome.error.contains("is not there yet"))
        #expect(outcome.error.contains("`shop run --until-caught-up`"))
    }

    @Test func nameAStoppedProjectionAndResumeIt() async throws {
        let shop = try await filled(0..<2)
        let broken = try await shop(
            "events", "append", "order-1", "--type", "OrderLinePlaced", "--data", "{\"sku\":7}", "--force")
        #expect(broken.status == .exited(0))
        let run = try await shop("run", "--until-caught-up", "--json")
        #expect(run.status == .exited(1))
        #expect(run.error.contains("projection \\\"order_summary\\\" stopped at position 7"), "\(run.error)")
        let list = try await shop("projections", "list", "--json").json(as: [Status].self)
        #expect(list.allSatisfy { $0.state == "stopped" && $0.offset == 6 && $0.error?.contains("position 7") == true })
        let resumed = try await shop("projections", "resume", "order_summary", "--json")
        #expect(
            resumed.output
                == "{\"name\":\"order_summary\",\"resumed\":true,\"was_stopped\":true,\"was_paused\":false}\n")
        let again = try await shop("projections", "resume", "order_summary")
        #expect(again.output == "order_summary had not stopped and was not paused\n")
        #expect(try await shop("projections", "resume", "nothing").status == .exited(1))
    }

    @Test func pauseAProjectionAndResumeIt() async throws {
        let shop = try await filled(0..<3)
        let paused = try await shop("projections", "pause", "order_summary", "--reason", "a customs audit")
        #expect(paused.output == "order_summary is paused\n")
        let again = try await shop("projections", "pause", "order_summary", "--json")
        #expect(again.output == "{\"name\":\"order_summary\",\"paused\":true,\"was_paused\":true}\n")

        let run = try await shop("run", "--until-caught-up")
        #expect(run.status == .exited(1))
        #expect(run.error.contains("projection \"order_summary\" is paused by "), "\(run.error)")
        #expect(run.error.contains(": a customs audit; it goes on when it is resumed"), "\(run.error)")
        let list = try await shop("projections", "list", "--json").json(as: [Status].self)
        #expect(list.map(\.state) == ["paused", "idle", "idle", "idle"])
        #expect(list.map(\.events_applied) == [0, 9, 9, 9])
        let table = try await shop("projections", "list")
        #expect(table.output.contains("order_summary: paused by "), "\(table.output)")

        let resumed = try await shop("projections", "resume", "order_summary")
        #expect(resumed.output == "order_summary goes on: it was paused\n")
        #expect(try await shop("run", "--until-caught-up").status == .exited(0))
        let after = try await shop("projections", "list", "--json").json(as: [Status].self)
        #expect(after.allSatisfy { $0.state == "idle" && $0.events_applied == 9 })
        #expect(try await shop("projections", "pause", "nothing").status == .exited(1))
    }

    private struct Node: Decodable {
        var name: String
        var build: String
        var pid: Int
        var state: String
        var since: String
        var renewed_at: String
        var holds: [String]
    }

    @Test func sayWhichProcessesKeepTheViewsUpToDate() async throws {
        let shop = try await filled(0..<3)
        #expect(try await shop("run", "--until-caught-up").status == .exited(0))
        let none = try await shop("nodes")
        #expect(none.status == .exited(0) && none.error.contains("no process keeps the views up to date"))
        #expect(try await shop("nodes", "--json").output == "[]\n")
    }
}
