import Hindsight
import HindsightPostgres
import Subprocess
import Testing

@Suite("check", .timeLimit(.minutes(5)))
struct CheckCommandTests {
    private struct Answer: Decodable {
        struct Projection: Decodable {
            var name: String
            var grade: String
            var stalled_seconds: Double
        }
        var verdict: String
        var text: String
        var projections: [Projection]
    }

    @Test("One line, and the status that monitors know: OK, WARNING, CRITICAL")
    func verdicts() async throws {
        try await ShopFixture.with { fixture in
            let shop = fixture.shop
            #expect(try await shop("events", "import", "-", input: Lines.orders(0..<10)).status == .exited(0))
            #expect(try await shop("run", "--until-caught-up").status == .exited(0))
            let well = try await shop("check")
            #expect(well.status == .exited(0) && well.error.isEmpty, "\(well.output) \(well.error)")
            #expect(
                well.lines.count == 1 && well.output.hasPrefix("OK - ")
                    && well.output.contains(" projections are well"), "\(well.output)")

            #expect(try await shop("events", "import", "-", input: Lines.orders(10..<12)).status == .exited(0))
            #expect(try await shop("check", "order_summary").output == "OK - 1 projection is well\n")
            let waiting = try await shop("check", "order_summary", "--warn", "0s", "--critical", "1h")
            #expect(waiting.status == .exited(1) && waiting.lines.count == 1, "\(waiting.output) \(waiting.error)")
            #expect(
                waiting.output.hasPrefix(
                    "WARNING - order_summary is not run by any process, and 6 events wait (no progress"),
                "\(waiting.output)")
            #expect(waiting.output.contains("To do: `shop run`"))
            let critical = try await shop("check", "--warn", "0s", "--critical", "0s", "--json")
            #expect(critical.status == .exited(2) && critical.error.isEmpty, "\(critical.error)")
            let json = try critical.json(as: Answer.self)
            #expect(
                json.verdict == "CRITICAL"
                    && json.projections.contains { $0.grade == "critical" && $0.stalled_seconds > 0 })

            #expect(try await shop("projections", "pause", "order_summary").status == .exited(0))
            #expect(try await shop("check", "order_summary").output.hasPrefix("WARNING - order_summary is paused by "))
            #expect(try await shop("projections", "resume", "order_summary").status == .exited(0))
            #expect(try await shop("run", "--until-caught-up").status == .exited(0))
            #expect(try await shop("projections", "pause", "order_summary").status == .exited(0))
            let paused = try await shop("check", "order_summary")
            #expect(paused.status == .exited(0))
            #expect(
                paused.output.hasPrefix("OK - 1 projection is well; order_summary is paused by "), "\(paused.output)")
            #expect(try await shop("projections", "resume", "order_summary").status == .exited(0))

            try await fixture.log.append([NewEvent(type: "OrderLinePlaced", data: Array("{}".utf8))], to: "order-99")
            #expect(try await shop("run", "--until-caught-up").status == .exited(1))
            let stopped = try await shop("check")
            #expect(stopped.status == .exited(2) && stopped.lines.count == 1)
            #expect(
                stopped.output.hasPrefix("CRITICAL - ")
                    && stopped.output.contains("order_summary has stopped at position 37"), "\(stopped.output)")
        }
    }

    @Test("Durable subscriptions are looked at with the projections, or alone, and listed")
    func subscriptions() async throws {
        struct Listed: Decodable {
            var name: String
            var state: String
            var lag_events: Int
            var handled: Int
            var lag_is_bound: Bool
        }
        struct Verdict: Decodable {
            struct Subscription: Decodable {
                var name: String
                var state: String
                var grade: String
            }
            var verdict: String
            var projections: [Answer.Projection]
            var subscriptions: [Subscription]
        }
        try await ShopFixture.with { fixture in
            let shop = fixture.shop
            let none = try await shop("subscriptions")
            #expect(none.status == .exited(0) && none.error.contains("nobody has ever read"), "\(none.error)")
            #expect(try await shop("events", "import", "-", input: Lines.orders(0..<10)).status == .exited(0))
            #expect(try await shop("run", "--until-caught-up").status == .exited(0))
            let events = try await fixture.events()
            let mailer = Subscription(
                log: fixture.log, pool: fixture.pool,
                options: SubscriptionOptions(name: "mailer", filter: .types(["OrderLinePlaced"])),
                logger: ShopFixture.logger)
            let last = try #require(events.last { $0.type == "OrderLinePlaced" })
            try await mailer.run { event in
                if event.position == last.position { mailer.stop() }
            }
            let well = try await shop("check")
            #expect(
                well.status == .exited(0) && well.output.contains(" projections and 1 subscription are well"),
                "\(well.output) \(well.error)")
            #expect(try await shop("check", "--subscription", "mailer").output == "OK - 1 subscription is well\n")
            #expect(try await shop("check", "order_summary").output == "OK - 1 projection is well\n")

            #expect(try await shop("events", "import", "-", input: Lines.orders(10..<12)).status == .exited(0))
            #expect(try await shop("run", "--until-caught-up").status == .exited(0))
            let waiting = try await shop("check", "--warn", "0s", "--critical", "1h")
            #expect(waiting.status == .exited(1) && waiting.lines.count == 1, "\(waiting.output) \(waiting.error)")
            #expect(waiting.output.contains("Subscription mailer is not read by any process, and 6 events wait"))
            let critical = try await shop(
                "check", "--subscription", "mailer", "--warn", "0s", "--critical", "0s", "--json")
            let verdict = try critical.json(as: Verdict.self)
            #expect(critical.status == .exited(2) && verdict.verdict == "CRITICAL" && verdict.projections.isEmpty)
            #expect(verdict.subscriptions.map(\.name) == ["mailer"])
            #expect(verdict.subscriptions.map(\.state) == ["unread"] && verdict.subscriptions[0].grade == "critical")
            let nobody = try await shop("check", "--subscription", "nobody")
            #expect(nobody.status == .exited(3) && nobody.output.contains("there are mailer"), "\(nobody.output)")

            let table = try await shop("subscriptions")
            #expect(table.status == .exited(0), "\(table.output) \(table.error)")
            #expect(table.lines.contains { $0.contains("mailer") && $0.contains("unread") && $0.contains("6") })
            let list = try await shop("subscriptions", "--json").json(as: [Listed].self)
            #expect(list.map(\.name) == ["mailer"] && list[0].lag_events == 6 && list[0].handled == 30)
            #expect(!list[0].lag_is_bound)
        }
    }

    @Test("Without an answer it is unknown; a wrong use is not an answer")
    func unknown() async throws {
        let away = try await ShopProcess(url: "host=127.0.0.1 port=1 dbname=nothing")("check")
        #expect(away.status == .exited(3) && away.error.isEmpty && away.lines.count == 1, "\(away.error)")
        #expect(
            away.output.hasPrefix("UNKNOWN - ") && away.output.contains("To do: start the server"), "\(away.output)")
        let shop = try await ShopProcess.inOwnDatabase()
        let empty = try await shop("check")
        #expect(empty.status == .exited(3) && empty.output.contains("run `shop database migrate`"), "\(empty.output)")
        #expect(try await shop("database", "migrate").status == .exited(0))
        let nobody = try await shop("check", "nobody")
        #expect(
            nobody.status == .exited(3) && nobody.output.contains("there is no projection \"nobody\""),
            "\(nobody.output)")
        #expect(try await shop("check", "--warn", "5m", "--critical", "1m").status == .exited(64))
        // Nothing was ever appended, and nothing waits.
        #expect(try await shop("check").status == .exited(0))
    }
}
