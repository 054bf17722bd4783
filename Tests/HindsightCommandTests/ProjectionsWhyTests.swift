import Hindsight
import HindsightPostgres
import Subprocess
import Testing

@Suite("projections why", .timeLimit(.minutes(5)))
struct ProjectionsWhyTests {
    private struct Diagnosis: Decodable {
        struct Evidence: Decodable, Equatable {
            var name: String
            var text: String
        }
        var name: String
        var version: Int
        var cause: String
        var sentence: String
        var evidence: [Evidence]
        var remedy: String?
    }

    @Test("A sentence, its evidence and the remedy, as text and as JSON")
    func forms() async throws {
        try await ShopFixture.with { fixture in
            let shop = fixture.shop
            #expect(try await shop("events", "import", "-", input: Lines.orders(0..<10)).status == .exited(0))
            let new = try await shop("projections", "why", "order_summary")
            #expect(new.status == .exited(0), "\(new.error)")
            #expect(
                new.lines == [
                    "order_summary was never started: no process that declares version 1 has run.", "  version  1",
                    "To do: `shop run`",
                ])
            #expect(try await shop("run", "--until-caught-up").status == .exited(0))
            let idle = try await shop("projections", "why", "order_summary", "--json").json(as: Diagnosis.self)
            #expect(idle.cause == "caught up" && idle.name == "order_summary" && idle.version == 1)
            #expect(idle.remedy == "`shop run` keeps it up to date")
            #expect(idle.evidence.contains(.init(name: "offset", text: "position 30 of 30")), "\(idle)")

            try await fixture.log.append(
                [NewEvent(type: "OrderLinePlaced", data: Array("{}".utf8))], to: "order-99")
            #expect(try await shop("run", "--until-caught-up").status == .exited(1))
            let stopped = try await shop("projections", "why", "order_summary")
            #expect(stopped.status == .exited(0))
            #expect(stopped.lines.first?.hasPrefix("order_summary has stopped at position 31: ") == true)
            #expect(stopped.output.contains("OrderLinePlaced at position 31, version 0 of order-99"))
            #expect(stopped.lines.last?.contains("`shop projections resume order_summary`") == true)
            #expect(try await shop("projections", "why", "nothing").status == .exited(1))
        }
    }

    @Test("A database that cannot be reached has a sentence and a remedy, too, and status 1")
    func unreachable() async throws {
        let shop = ShopProcess(url: "host=127.0.0.1 port=1 dbname=nothing")
        let text = try await shop("projections", "why", "order_summary")
        #expect(text.status == .exited(1) && text.error.isEmpty, "\(text.error)")
        #expect(
            text.lines.first
                == "order_summary cannot be asked about: the database, or the log, cannot be reached.")
        #expect(text.lines.last?.hasPrefix("To do: start the server") == true)
        let json = try await shop("projections", "why", "order_summary", "--json").json(as: Diagnosis.self)
        #expect(json.cause == "unreachable" && json.evidence.first?.text.contains("DATABASE_URL") == true)
    }
}
