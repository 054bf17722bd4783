import HindsightPostgres
import Subprocess
import Testing

@Suite("An event with a key that comes twice", .timeLimit(.minutes(2)))
struct RepeatedKeyTests {
    /// Whatever is read of it, the last value counts.
    @Test func isTheSameForFoldsQueriesAndExport() async throws {
        try await ShopFixture.with { fixture in
            let data = #"""
                {"sku":"A","quantity":1,"unitPrice":"2.50","quantity":7,"sku":"B","description":"THING","customer":"C1",\#
                "country":"France","customer":null,"unitPrice":"3.00"}
                """#
            let line = #"{"stream":"order-1","type":"OrderLinePlaced","at":"2011-05-01T10:00:00Z","data":\#(data)}"#
            let imported = try await fixture.shop("events", "import", "-", input: Lines.orders(2..<4) + line)
            #expect(imported.status == .exited(0), "\(imported.error)")
            try await fixture.expectSuccess("run", "--until-caught-up")
            for view in ShopFixture.views { try await fixture.expectRecount(view) }
            let ofJSONB: Int = try await fixture.pool.withSession { session in
                try session.query(
                    """
                    select count(*) from hindsight.events
                    where data::jsonb ->> 'quantity' is distinct from data ->> 'quantity'
                        or data::jsonb ->> 'sku' is distinct from data ->> 'sku'
                    """)[0].decode(0)
            }
            #expect(ofJSONB == 0)
            let exported = try await fixture.shop("events", "export")
            #expect(exported.output.contains(data), "the text as it came in")
        }
    }
}
